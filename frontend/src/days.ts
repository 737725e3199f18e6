// SPDX-License-Identifier: Apache-2.0
// Days of UTC as the service counts them, and which of them a filter takes.

export interface Day {
  readonly day: string;
  readonly least: number;
  readonly most: number;
  /** The share of the line's hours that were watched; null: not known. */
  readonly watched: number | null;
}

const DAY_MS = 86_400_000;

export function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}

/** The first and last of the days that a filter takes, as indexes; a moment within a day takes the day. */
export function chosenDays(days: readonly Day[], since: string, until: string): readonly [number, number] {
  const last = days.length - 1;
  const from = since === "" ? 0 : days.findIndex((one) => nextDay(one.day) > since);
  const behind = until === "" ? -1 : days.findIndex((one) => one.day >= until.slice(0, 10) && one.day >= until);
  const first = from < 0 ? last : from;
  const end = behind < 0 ? last : Math.max(behind - 1, 0);
  return [first, Math.max(first, end)];
}

/** The filter that takes the days from one index to another; empty: no limit on that side. */
export function filterOf(days: readonly Day[], first: number, last: number): { since: string; until: string } {
  const from = days[first];
  const to = days[last];
  return {
    since: first <= 0 || from === undefined ? "" : from.day,
    until: last >= days.length - 1 || to === undefined ? "" : nextDay(to.day),
  };
}

/** Heights of a day's bar, 0 to 1: what surely began, and what may have. */
export function heights(days: readonly Day[]): readonly (readonly [number, number])[] {
  const top = Math.max(1, ...days.map((one) => one.most));
  return days.map((one) => [one.least / top, one.most / top] as const);
}

export function howMany(day: Day): string {
  return day.least === day.most ? String(day.most) : `${day.least}–${day.most}`;
}
