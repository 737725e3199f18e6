// SPDX-License-Identifier: Apache-2.0
import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { expect, test } from "vitest";
import { groundOf } from "../src/ground";
import { styleOf } from "../src/style";
import { type Theme, hatching, markDrawing } from "../src/theme";

const THEME: Theme = {
  ink: "#111",
  paper: "#fff",
  quiet: "#555",
  line: "#ccc",
  accent: "#0b3d5c",
  zone: "#888",
  land: "#f3f3f1",
  water: "#dfe3e6",
  statuses: { alleged: "#E69F00", verified: "#009E73", none: "#777777" },
};
const SOURCES = {
  base: "http://here.invalid/base.pmtiles",
  tiles: "http://here.invalid/tiles/{z}/{x}/{y}",
  ground: { type: "FeatureCollection", features: [] } as const,
};

test.each([SOURCES, { ...SOURCES, base: null }])("the style is one that MapLibre reads", (sources) => {
  const style = styleOf(THEME, { ...sources, ground: { type: "FeatureCollection", features: [] } });
  expect(validateStyleMin(style)).toEqual([]);
});

test("the style asks nothing of anybody else: no glyphs, no sprite", () => {
  const style = styleOf(THEME, { ...SOURCES, ground: { type: "FeatureCollection", features: [] } });
  expect(style.glyphs).toBeUndefined();
  expect(style.sprite).toBeUndefined();
});

test("without a base map nothing refers to it", () => {
  const style = styleOf(THEME, { ...SOURCES, base: null, ground: { type: "FeatureCollection", features: [] } });
  expect(JSON.stringify(style)).not.toContain('"base"');
});

test("what cannot be read is nothing, not a fault", () => {
  expect(groundOf(null).features).toEqual([]);
  expect(groundOf({ features: "none" }).features).toEqual([]);
  expect(groundOf({ type: "FeatureCollection", features: [1] }).features).toEqual([1]);
});

test("a mark keeps its shape and takes its colour", () => {
  const open = markDrawing('<circle r="5.5" class="open"></circle>', "#E69F00", "#fff", 36);
  expect(open).toContain('fill="#fff" stroke="#E69F00"');
  const crossed = markDrawing('<path d="M0 0" class="open"></path>', "#999", "#fff", 36);
  expect(crossed).toContain('fill="none" stroke="#999"');
  expect(open + crossed + hatching("#111", 8, 1, true)).not.toContain("class=");
});
