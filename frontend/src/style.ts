// SPDX-License-Identifier: Apache-2.0
// The map's style: land and water in two greys, hairline borders, towns by size; what is uncertain is
// drawn as wide as it is uncertain. Nothing in it comes from anywhere but this service.
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { Theme } from "./theme";

/** Sources by address; ``base`` null: the service was built without a base map. */
export interface Sources {
  readonly base: string | null;
  readonly tiles: string;
  readonly ground: string | GeoJSON.GeoJSON;
}

export const SHOWN = ["counts", "hexagons", "incidents", "ellipses"] as const;

const CREDIT = "Natural Earth · GeoNames, CC BY 4.0";

function ofStatus(theme: Theme): ExpressionSpecification {
  const cases = Object.entries(theme.statuses).flatMap(([slug, colour]) => [slug, colour]);
  return ["match", ["get", "status"], ...cases, theme.quiet] as unknown as ExpressionSpecification;
}

const NAMES = ["literal", ["system-ui", "Noto Sans", "sans-serif"]] as unknown as string[];

function baseLayers(theme: Theme): LayerSpecification[] {
  const base = { source: "base" } as const;
  return [
    { id: "land", type: "fill", ...base, "source-layer": "land", paint: { "fill-color": theme.land } },
    { id: "lakes", type: "fill", ...base, "source-layer": "lakes", paint: { "fill-color": theme.water } },
    {
      id: "rivers",
      type: "line",
      ...base,
      "source-layer": "rivers",
      layout: { "line-join": "round", "line-cap": "round" },
      paint: {
        "line-color": theme.water,
        "line-width": ["interpolate", ["linear"], ["zoom"], 3, 0.6, 8, 2.2],
      },
    },
    {
      id: "borders",
      type: "line",
      ...base,
      "source-layer": "borders",
      filter: ["!", ["get", "contested"]],
      paint: { "line-color": theme.zone, "line-width": 0.8 },
    },
    {
      id: "borders-contested",
      type: "line",
      ...base,
      "source-layer": "borders",
      filter: ["get", "contested"],
      paint: { "line-color": theme.zone, "line-width": 0.8, "line-dasharray": [3, 4] },
    },
    {
      id: "towns",
      type: "circle",
      ...base,
      "source-layer": "towns",
      filter: [">=", ["get", "population"], ["step", ["zoom"], 20_000, 8, 5_000, 9, 1_000]],
      paint: {
        "circle-color": theme.ink,
        "circle-stroke-color": theme.paper,
        "circle-stroke-width": 0.8,
        "circle-radius": ["step", ["get", "population"], 1.6, 20_000, 2.2, 100_000, 3, 500_000, 4],
      },
    },
  ];
}

function groundLayers(theme: Theme): LayerSpecification[] {
  const ground = { source: "ground" } as const;
  const of = (layer: string): ExpressionSpecification => ["==", ["get", "layer"], layer];
  return [
    {
      id: "watched",
      type: "fill",
      ...ground,
      filter: of("watched"),
      paint: { "fill-color": theme.accent, "fill-opacity": 0.1 },
    },
    {
      id: "area",
      type: "line",
      ...ground,
      filter: of("area"),
      paint: { "line-color": theme.zone, "line-dasharray": [1, 3], "line-width": 1.6 },
    },
    {
      id: "zones",
      type: "fill",
      ...ground,
      filter: ["any", of("zone"), of("site")],
      paint: { "fill-pattern": "hatch-zone" },
    },
    {
      id: "zone-edges",
      type: "line",
      ...ground,
      filter: ["any", of("zone"), of("site")],
      paint: { "line-color": theme.zone, "line-width": 1 },
    },
    {
      id: "band",
      type: "fill",
      ...ground,
      filter: of("band"),
      paint: { "fill-color": theme.accent, "fill-opacity": 0.2 },
    },
    {
      id: "gap-band",
      type: "fill",
      ...ground,
      filter: of("gap-band"),
      paint: { "fill-pattern": "hatch", "fill-opacity": 0.45 },
    },
    {
      // Far out the band is too thin to show its hatching.
      id: "gap",
      type: "line",
      ...ground,
      maxzoom: 8,
      filter: of("gap"),
      paint: { "line-pattern": "hatch", "line-width": 7, "line-opacity": 0.6 },
    },
    {
      id: "line",
      type: "line",
      ...ground,
      filter: of("line"),
      paint: { "line-color": theme.accent, "line-width": 1.4, "line-dasharray": [6, 3] },
    },
  ];
}

function incidentLayers(theme: Theme): LayerSpecification[] {
  const incidents = { source: "incidents" } as const;
  const likely: ExpressionSpecification = ["coalesce", ["get", "probability_real"], 0.5];
  // An ellipse that is wide covers much, so it is fainter.
  const ink: ExpressionSpecification = ["*", likely, ["min", 1, ["/", 5_000, ["max", ["get", "sigma_major_m"], 1]]]];
  return [
    {
      id: "hexagons",
      type: "fill",
      ...incidents,
      "source-layer": "hexagons",
      paint: {
        "fill-color": theme.accent,
        "fill-outline-color": theme.paper,
        "fill-opacity": ["interpolate", ["linear"], ["ln", ["max", ["get", "most"], 1]], 0, 0.12, 9, 0.6],
      },
    },
    {
      id: "ellipses",
      type: "fill",
      ...incidents,
      "source-layer": "ellipses",
      paint: { "fill-color": ofStatus(theme), "fill-opacity": ["+", 0.02, ["*", 0.13, ink]] },
    },
    {
      id: "ellipse-edges",
      type: "line",
      ...incidents,
      "source-layer": "ellipses",
      paint: {
        "line-color": ofStatus(theme),
        "line-width": 0.8,
        "line-opacity": ["+", 0.15, ["*", 0.5, ink]],
      },
    },
    {
      id: "incidents",
      type: "symbol",
      ...incidents,
      "source-layer": "incidents",
      layout: {
        "icon-image": ["concat", "m-", ["get", "status"]],
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
      paint: { "icon-opacity": ["+", 0.35, ["*", 0.65, likely]] },
    },
  ];
}

/** Counts lie above names and are placed before them, so that no name hides a number. */
function countLayer(theme: Theme): LayerSpecification {
  const figure: ExpressionSpecification = [
    "case",
    ["==", ["get", "least"], ["get", "most"]],
    ["to-string", ["get", "most"]],
    ["concat", ["to-string", ["get", "least"]], "–", ["to-string", ["get", "most"]]],
  ];
  return {
    id: "counts",
    type: "symbol",
    source: "incidents",
    "source-layer": "counts",
    layout: { "text-field": figure, "text-font": NAMES, "text-size": 12, "text-allow-overlap": true },
    paint: { "text-color": theme.ink, "text-halo-color": theme.land, "text-halo-width": 1.2 },
  };
}

function nameLayers(theme: Theme, withBase: boolean): LayerSpecification[] {
  const halo = { "text-halo-color": theme.land, "text-halo-width": 1.4 };
  const towns: LayerSpecification = {
    id: "town-names",
    type: "symbol",
    source: "base",
    "source-layer": "towns",
    filter: [">=", ["get", "population"], ["step", ["zoom"], 20_000, 8, 5_000, 9, 1_000]],
    layout: {
      "text-field": ["get", "name"],
      "text-font": NAMES,
      "text-size": ["step", ["get", "population"], 11, 100_000, 12, 500_000, 13],
      "text-variable-anchor": ["left", "right", "top", "bottom"],
      "text-radial-offset": 0.5,
      "text-justify": "auto",
      "symbol-sort-key": ["-", 0, ["get", "population"]],
    },
    paint: { "text-color": theme.ink, ...halo },
  };
  const zones: LayerSpecification = {
    id: "zone-names",
    type: "symbol",
    source: "ground",
    filter: ["in", ["get", "layer"], ["literal", ["line", "zone", "site"]]],
    layout: {
      "text-field": ["get", "name"],
      "text-font": NAMES,
      "text-size": 12,
      "text-offset": [0, 1],
      "symbol-placement": "point",
    },
    paint: { "text-color": theme.accent, ...halo },
  };
  return withBase ? [towns, zones] : [zones];
}

/** Return the whole style. */
export function styleOf(theme: Theme, sources: Sources): StyleSpecification {
  const base = sources.base;
  return {
    version: 8,
    sources: {
      ...(base === null ? {} : { base: { type: "vector", url: `pmtiles://${base}`, attribution: CREDIT } }),
      ground: { type: "geojson", data: sources.ground },
      incidents: { type: "vector", tiles: [sources.tiles], minzoom: 0, maxzoom: 14 },
    },
    layers: [
      {
        id: "background",
        type: "background",
        paint: { "background-color": base === null ? theme.land : theme.water },
      },
      ...(base === null ? [] : baseLayers(theme)),
      ...groundLayers(theme),
      ...incidentLayers(theme),
      ...nameLayers(theme, base !== null),
      countLayer(theme),
    ],
    transition: { duration: 0, delay: 0 },
  };
}
