// SPDX-License-Identifier: Apache-2.0
// Colours and marks are the page's own: read from its style, so that they cannot differ from it.

export interface Theme {
  readonly ink: string;
  readonly paper: string;
  readonly quiet: string;
  readonly line: string;
  readonly accent: string;
  readonly zone: string;
  readonly land: string;
  readonly water: string;
  /** Of each status, by its slug. */
  readonly statuses: Readonly<Record<string, string>>;
}

export function readTheme(slugs: readonly string[]): Theme {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: read("ink"),
    paper: read("paper"),
    quiet: read("quiet"),
    line: read("line"),
    accent: read("accent"),
    zone: read("zone"),
    land: read("land"),
    water: read("water"),
    statuses: Object.fromEntries(slugs.map((slug) => [slug, colourOf(slug)])),
  };
}

function colourOf(slug: string): string {
  const probe = document.createElement("span");
  probe.className = `s-${slug}`;
  probe.hidden = true;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/** A mark of the page as a drawing of its own, with what the page's style says written into it. */
export function markDrawing(inner: string, colour: string, paper: string, size: number): string {
  const styled = inner
    .replace(/<path([^>]*)class="open"/g, `<path$1fill="none" stroke="${colour}" stroke-width="2"`)
    .replace(/class="open"/g, `fill="${paper}" stroke="${colour}" stroke-width="2"`)
    .replace(/class="full"/g, `fill="${colour}"`);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 16 16" width="${size}" height="${size}">` +
    `<g stroke-linejoin="round">${styled}</g></svg>`
  );
}

/** Hatching as a pattern that can be laid side by side; ``rising``: from the lower left. */
export function hatching(colour: string, size: number, width: number, rising: boolean): string {
  const half = size / 2;
  const lines = rising
    ? `M${-half} ${half}L${half} ${-half}M0 ${size}L${size} 0M${half} ${size + half}L${size + half} ${half}`
    : `M${-half} ${half}L${half} ${size + half}M0 0L${size} ${size}M${half} ${-half}L${size + half} ${half}`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${2 * size}" height="${2 * size}">` +
    `<path d="${lines}" stroke="${colour}" stroke-width="${width}" fill="none"/></svg>`
  );
}

export async function imageOf(drawing: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(drawing)}`;
  await image.decode();
  return image;
}
