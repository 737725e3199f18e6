// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { chosenDays, filterOf, heights, howMany, nextDay } from "../src/days";

const DAYS = ["2025-04-18", "2025-04-19", "2025-04-20", "2025-04-21"].map((day, at) => ({ day, least: at, most: 2 * at, watched: null }));

test("days follow each other over the ends of months and leap years", () => {
  expect(nextDay("2024-02-28")).toBe("2024-02-29");
  expect(nextDay("2025-12-31")).toBe("2026-01-01");
});

test("no filter takes every day", () => {
  expect(chosenDays(DAYS, "", "")).toEqual([0, 3]);
  expect(filterOf(DAYS, 0, 3)).toEqual({ since: "", until: "" });
});

test.each([
  [1, 2],
  [0, 0],
  [2, 3],
  [3, 3],
])("days %i to %i are the same after a way through the filter", (first, last) => {
  const { since, until } = filterOf(DAYS, first, last);
  expect(chosenDays(DAYS, since, until)).toEqual([first, last]);
});

test("a moment within a day takes the day", () => {
  expect(chosenDays(DAYS, "2025-04-19T16:00:00Z", "2025-04-20T12:00:00Z")).toEqual([1, 2]);
});

test("a filter beyond the record takes its edge", () => {
  expect(chosenDays(DAYS, "2030-01-01", "")).toEqual([3, 3]);
  expect(chosenDays(DAYS, "", "2020-01-01")).toEqual([0, 0]);
});

test("bars are of the highest day; where nothing happened there is none", () => {
  expect(heights(DAYS)[3]).toEqual([0.5, 1]);
  expect(heights([{ day: "2025-04-18", least: 0, most: 0, watched: null }])).toEqual([[0, 0]]);
  expect(howMany({ day: "", least: 2, most: 5, watched: 0.5 })).toBe("2–5");
  expect(howMany({ day: "", least: 2, most: 2, watched: null })).toBe("2");
});
