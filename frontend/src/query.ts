// SPDX-License-Identifier: Apache-2.0
// What is asked of the roll: the same fields, names and order as in the list's address.

export const FIELDS = ["since", "until", "kind", "status", "bounds"] as const;
export type Field = (typeof FIELDS)[number];
export type Asked = Readonly<Record<Field, string>>;

/** West, south, east, north: degrees. */
export type Bounds = readonly [number, number, number, number];

export function fromSearch(search: string): Asked {
  const given = new URLSearchParams(search);
  const read = (field: Field): string => given.get(field) ?? "";
  return {
    since: read("since"),
    until: read("until"),
    kind: read("kind"),
    status: read("status"),
    bounds: read("bounds"),
  };
}

/** The query without what is empty, as the service writes it; some fields can be left out. */
export function toQuery(asked: Asked, without: readonly Field[] = []): string {
  const made = new URLSearchParams();
  for (const field of FIELDS) {
    if (asked[field] !== "" && !without.includes(field)) {
      made.set(field, asked[field]);
    }
  }
  return made.toString();
}

/** An address with a query, or without the question mark where there is nothing to ask. */
export function withQuery(address: string, query: string): string {
  return query === "" ? address : `${address}?${query}`;
}

/** Bounds as the service reads them, kept on the Earth; four decimals are 11 m. */
export function boundsText(bounds: Bounds): string {
  const [west, south, east, north] = bounds;
  const kept = [Math.max(west, -180), Math.max(south, -90), Math.min(east, 180), Math.min(north, 90)];
  return kept.map((degrees) => degrees.toFixed(4)).join(",");
}

/** Bounds as written in an address; null: there are none that can be read. */
export function boundsOf(text: string): Bounds | null {
  const parts = text.split(",").map(Number);
  const [west, south, east, north] = parts;
  if (parts.length !== 4 || west === undefined || south === undefined || east === undefined || north === undefined) {
    return null;
  }
  const whole = parts.every(Number.isFinite) && west < east && south < north;
  return whole && west >= -180 && east <= 180 && south >= -90 && north <= 90 ? [west, south, east, north] : null;
}
