// SPDX-License-Identifier: Apache-2.0
// What lies beneath incidents, as the service tells it: GeoJSON, or nothing where it cannot be read.

const NOTHING: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

export function groundOf(held: unknown): GeoJSON.FeatureCollection {
  return isCollection(held) ? held : NOTHING;
}

function isCollection(held: unknown): held is GeoJSON.FeatureCollection {
  return typeof held === "object" && held !== null && "features" in held && Array.isArray(held.features);
}
