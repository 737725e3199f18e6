// SPDX-License-Identifier: Apache-2.0
// The map that moves: the same incidents as the drawn map and the list, by the same query. Where it cannot
// start, the drawn map stays, and the page is as good.
import {
  AttributionControl,
  Map as MovingMap,
  type MapGeoJSONFeature,
  NavigationControl,
  Popup,
  ScaleControl,
  addProtocol,
  setWorkerUrl,
} from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import "./map.css";
import worker from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { Protocol } from "pmtiles";
import { ask, asked, told, whenAsked } from "./address";
import { groundOf } from "./ground";
import { type Bounds, boundsOf, boundsText, toQuery, withQuery } from "./query";
import { SHOWN, styleOf } from "./style";
import { type Theme, hatching, imageOf, markDrawing, readTheme } from "./theme";

interface Told {
  readonly tiles: string;
  readonly ground: string;
  readonly incidents: string;
  readonly base: string | null;
  readonly frame: Bounds;
  readonly statuses: Readonly<Record<string, string>>;
  readonly kinds: Readonly<Record<string, string>>;
  readonly words: Readonly<Record<"map" | "open" | "more" | "of" | "in" | "out" | "coarse", string>>;
}

const LISTED = 8;
const WAIT_MS = 350;
const CLICKABLE = ["incidents", "hexagons"];

function isTold(held: unknown): held is Told {
  return typeof held === "object" && held !== null && "tiles" in held && "frame" in held && "words" in held;
}

class Island {
  private readonly map: MovingMap;
  private theme: Theme;
  private moved = boundsOf(asked().bounds) !== null;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private counting: AbortController | undefined;
  private tiles: string;

  constructor(
    private readonly held: HTMLElement,
    private readonly facts: Told,
  ) {
    this.theme = readTheme(Object.keys(facts.statuses));
    this.tiles = this.tilesAddress();
    const [west, south, east, north] = boundsOf(asked().bounds) ?? facts.frame;
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map = new MovingMap({
      container: held,
      style: { version: 8, sources: {}, layers: [] },
      bounds: [west, south, east, north],
      renderWorldCopies: false,
      maxZoom: 18,
      dragRotate: false,
      maxPitch: 0,
      attributionControl: false,
      fadeDuration: 0,
      reduceMotion: still,
      locale: {
        "Map.Title": facts.words.map,
        "NavigationControl.ZoomIn": facts.words.in,
        "NavigationControl.ZoomOut": facts.words.out,
      },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }));
    this.map.addControl(new ScaleControl({ unit: "metric" }));
    this.map.addControl(new AttributionControl({ compact: false }));
    const canvas = this.map.getCanvas();
    canvas.setAttribute("aria-label", facts.words.map);
    canvas.setAttribute("aria-describedby", "map-keys");
  }

  async start(): Promise<void> {
    await this.dress();
    this.map.on("moveend", (event: object) => {
      if ("originalEvent" in event) {
        this.later();
      }
    });
    this.map.on("idle", () => this.sayWhatIsDrawn());
    for (const layer of CLICKABLE) {
      this.map.on("mouseenter", layer, () => this.point("pointer"));
      this.map.on("mouseleave", layer, () => this.point(""));
    }
    this.map.on("click", "incidents", (event) => this.open(event.lngLat, event.features ?? []));
    this.map.on("click", "hexagons", (event) => {
      this.map.easeTo({ center: event.lngLat, zoom: this.map.getZoom() + 2 }, { originalEvent: event.originalEvent });
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => void this.dress());
    whenAsked(() => this.follow());
  }

  /** Put on the page's colours and marks, for day or night. */
  private async dress(): Promise<void> {
    this.theme = readTheme(Object.keys(this.facts.statuses));
    const { base } = this.facts;
    const ground = await this.fetchGround();
    const style = styleOf(this.theme, {
      base: base === null ? null : absolute(base),
      tiles: this.tiles,
      ground,
    });
    const images = await this.images();
    const ready = new Promise((resolve) => this.map.once("style.load", resolve));
    this.map.setStyle(style, { diff: false });
    await ready;
    for (const [name, image] of images) {
      if (!this.map.hasImage(name)) {
        this.map.addImage(name, image, { pixelRatio: 2 });
      }
    }
  }

  private async images(): Promise<readonly (readonly [string, HTMLImageElement])[]> {
    const { paper, ink, zone } = this.theme;
    const drawings: [string, string][] = Object.entries(this.theme.statuses).map(([slug, colour]) => {
      const inner = document.getElementById(`m-${slug}`)?.innerHTML ?? "";
      return [`m-${slug}`, markDrawing(inner, colour, paper, 36)];
    });
    drawings.push(["hatch", hatching(ink, 8, 1.1, true)], ["hatch-zone", hatching(zone, 10, 1, false)]);
    return Promise.all(drawings.map(async ([name, drawing]) => [name, await imageOf(drawing)] as const));
  }

  private async fetchGround(): Promise<GeoJSON.GeoJSON> {
    const answer = await fetch(withQuery(this.facts.ground, toQuery(asked(), ["bounds"])));
    return groundOf(answer.ok ? await answer.json() : null);
  }

  private tilesAddress(): string {
    return withQuery(absolute(this.facts.tiles), toQuery(asked(), ["bounds"]));
  }

  /** Say a moment after the last movement what the map shows now: in the address, and as a number. */
  private later(): void {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.moved = true;
      const [[west, south], [east, north]] = this.map.getBounds().toArray();
      ask({ bounds: boundsText([west, south, east, north]) });
    }, WAIT_MS);
  }

  /** Show what the address asks for. */
  private follow(): void {
    const tiles = this.tilesAddress();
    if (tiles !== this.tiles) {
      this.tiles = tiles;
      const source = this.map.getSource("incidents");
      if (source !== undefined && "setTiles" in source && typeof source.setTiles === "function") {
        source.setTiles([tiles]);
      }
      void this.fetchGround().then((ground) => {
        const under = this.map.getSource("ground");
        if (under !== undefined && "setData" in under && typeof under.setData === "function") {
          under.setData(ground);
        }
      });
    }
    void this.count();
  }

  /** Ask the list how many it has for the same query. */
  private async count(): Promise<void> {
    this.counting?.abort();
    this.counting = new AbortController();
    const query = toQuery(asked());
    try {
      const answer = await fetch(withQuery(this.facts.incidents, query === "" ? "limit=1" : `${query}&limit=1`), {
        signal: this.counting.signal,
      });
      const held: unknown = await answer.json();
      if (answer.ok && typeof held === "object" && held !== null && "total" in held) {
        say("[data-count=incidents]", Number(held.total).toLocaleString("en"));
      }
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) {
        throw error;
      }
    }
  }

  private open(at: { lng: number; lat: number }, found: readonly MapGeoJSONFeature[]): void {
    const list = document.createElement("ul");
    list.className = "plain";
    for (const one of found.slice(0, LISTED)) {
      list.append(this.entry(one.properties));
    }
    if (found.length > LISTED) {
      const more = document.createElement("li");
      more.textContent = `${this.facts.words.more} ${found.length - LISTED}`;
      list.append(more);
    }
    new Popup({ maxWidth: "20rem", focusAfterOpen: true }).setLngLat(at).setDOMContent(list).addTo(this.map);
  }

  private entry(known: Readonly<Record<string, unknown>>): HTMLLIElement {
    const entry = document.createElement("li");
    const [status, kind] = [String(known["status"]), String(known["kind"])];
    const drawing = document.querySelector(`.legend .s-${CSS.escape(status)}`)?.cloneNode(true);
    const link = document.createElement("a");
    link.href = `/incidents/${encodeURIComponent(String(known["id"]))}`;
    link.textContent = `${this.facts.statuses[status] ?? status}, ${this.facts.kinds[kind] ?? kind}`;
    entry.append(...(drawing === undefined ? [] : [drawing, " "]), link);
    if (known["coarse"] === true) {
      entry.append(` (${this.facts.words.coarse})`);
    }
    return entry;
  }

  private point(cursor: string): void {
    this.map.getCanvas().style.cursor = cursor;
  }

  /** Tell, for whoever checks, how many features of each layer are on the screen. */
  private sayWhatIsDrawn(): void {
    const drawn = [...SHOWN, "land", "line", "towns"]
      .filter((layer) => this.map.getLayer(layer) !== undefined)
      .map((layer) => `${layer}:${this.map.queryRenderedFeatures({ layers: [layer] }).length}`);
    this.held.dataset["drawn"] = drawn.join(" ");
    this.held.dataset["moved"] = String(this.moved);
  }
}

function absolute(path: string): string {
  return `${window.location.origin}${path}`;
}

function say(selector: string, text: string): void {
  for (const element of document.querySelectorAll(selector)) {
    element.textContent = text;
  }
}

/** The filter acts at once where the map follows it. */
function heedFilter(): void {
  const form = document.querySelector<HTMLFormElement>("form.filter");
  const send = (): void => {
    if (form === null) {
      return;
    }
    const typed = new FormData(form);
    const read = (name: string): string => String(typed.get(name) ?? "").trim();
    ask({ since: read("since"), until: read("until"), kind: read("kind"), status: read("status") });
  };
  form?.addEventListener("change", send);
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
}

async function begin(held: HTMLElement): Promise<void> {
  const facts = told(held, isTold);
  setWorkerUrl(new URL(worker, import.meta.url).href);
  addProtocol("pmtiles", new Protocol().tile);
  held.hidden = false;
  try {
    await new Island(held, facts).start();
  } catch (error) {
    held.hidden = true;
    throw error;
  }
  heedFilter();
  for (const drawn of document.querySelectorAll<HTMLElement>("[data-instead-of=map]")) {
    drawn.hidden = true;
  }
  for (const also of document.querySelectorAll<HTMLElement>("[data-with=map]")) {
    also.hidden = false;
  }
}

const held = document.querySelector<HTMLElement>("[data-island=map]");
if (held !== null) {
  void begin(held);
}
