// SPDX-License-Identifier: Apache-2.0
// Days as bars, with two handles that take a stretch of them. Where a map is on the page it follows at
// once; on the list, its own filter form is sent. Without a script the form's two fields do the same.
import { ask, asked, told, whenAsked } from "./address";
import { type Day, chosenDays, filterOf, heights, howMany } from "./days";
import { toQuery, withQuery } from "./query";

interface Told {
  readonly days: string;
  readonly words: Readonly<Record<"from" | "to" | "days" | "of", string>>;
}

const SVG = "http://www.w3.org/2000/svg";
const WIDE = 1000;
const HIGH = 60;
const STRIP = 10;

function isTold(held: unknown): held is Told {
  return typeof held === "object" && held !== null && "days" in held && "words" in held;
}

function isDays(held: unknown): held is { days: readonly Day[]; coverage: string } {
  return typeof held === "object" && held !== null && "days" in held && Array.isArray(held.days);
}

function rectangle(x: number, y: number, width: number, high: number, name: string): SVGRectElement {
  const made = document.createElementNS(SVG, "rect");
  made.setAttribute("x", x.toFixed(2));
  made.setAttribute("y", y.toFixed(2));
  made.setAttribute("width", Math.max(width, 0.5).toFixed(2));
  made.setAttribute("height", high.toFixed(2));
  made.setAttribute("class", name);
  return made;
}

class Timeline {
  private days: readonly Day[] = [];
  private released = false;
  private readonly chart = document.createElementNS(SVG, "svg");
  private readonly output = document.createElement("output");
  private readonly first: HTMLInputElement;
  private readonly last: HTMLInputElement;

  constructor(
    private readonly held: HTMLElement,
    private readonly facts: Told,
    private readonly follow: () => void,
  ) {
    this.chart.setAttribute("preserveAspectRatio", "none");
    this.chart.setAttribute("aria-hidden", "true");
    this.chart.setAttribute("class", "chart days");
    this.first = this.handle(facts.words.from);
    this.last = this.handle(facts.words.to);
    this.held.append(this.chart, this.labelled(this.first), this.labelled(this.last), this.output);
  }

  private handle(label: string): HTMLInputElement {
    const made = document.createElement("input");
    made.type = "range";
    made.min = "0";
    made.setAttribute("aria-label", label);
    made.addEventListener("input", () => this.say());
    made.addEventListener("change", () => this.take());
    return made;
  }

  private labelled(handle: HTMLInputElement): HTMLLabelElement {
    const made = document.createElement("label");
    made.append(handle.getAttribute("aria-label") ?? "", handle);
    return made;
  }

  async load(): Promise<void> {
    const query = toQuery(asked(), ["since", "until"]);
    const answer = await fetch(withQuery(this.facts.days, query), { headers: { Accept: "application/json" } });
    const held: unknown = answer.ok ? await answer.json() : null;
    if (!isDays(held) || held.days.length < 2) {
      return; // nothing was run yet, or there is one day: the two fields of the filter serve
    }
    this.days = held.days;
    this.released = held.coverage === "released";
    const high = HIGH + (this.released ? STRIP + 4 : 0);
    this.chart.setAttribute("viewBox", `0 0 ${WIDE} ${high}`);
    this.place();
    this.held.hidden = false;
  }

  /** Put the handles where the address says. */
  place(): void {
    const { since, until } = asked();
    const [first, last] = chosenDays(this.days, since, until);
    for (const handle of [this.first, this.last]) {
      handle.max = String(this.days.length - 1);
    }
    this.first.value = String(first);
    this.last.value = String(last);
    this.say();
  }

  private chosen(): readonly [number, number] {
    const [one, other] = [Number(this.first.value), Number(this.last.value)];
    return [Math.min(one, other), Math.max(one, other)];
  }

  private say(): void {
    const [first, last] = this.chosen();
    const [from, to] = [this.days[first], this.days[last]];
    if (from === undefined || to === undefined) {
      return;
    }
    for (const [handle, at] of [
      [this.first, Number(this.first.value)],
      [this.last, Number(this.last.value)],
    ] as const) {
      const day = this.days[at];
      handle.setAttribute("aria-valuetext", day === undefined ? "" : `${day.day}: ${howMany(day)}`);
    }
    const { words } = this.facts;
    this.output.textContent = `${from.day} – ${to.day}, ${last - first + 1} ${words.of} ${this.days.length} ${words.days} (UTC)`;
    this.draw(first, last);
  }

  private draw(first: number, last: number): void {
    const step = WIDE / this.days.length;
    const gap = Math.min(1, step / 5);
    const parts = heights(this.days).flatMap(([least, most], at) => {
      const name = at >= first && at <= last ? "" : " left-out";
      const [x, width] = [at * step + gap, step - 2 * gap];
      const bars = [
        rectangle(x, HIGH * (1 - most), width, HIGH * most, `bar-rest${name}`),
        rectangle(x, HIGH * (1 - least), width, HIGH * least, `bar${name}`),
      ];
      return this.released ? [...bars, ...this.watch(x, width, this.days[at]?.watched ?? null)] : bars;
    });
    this.chart.replaceChildren(...parts);
  }

  /** What was watched of a day: hatched where nobody did, or nobody knows. */
  private watch(x: number, width: number, share: number | null): SVGRectElement[] {
    const strip = rectangle(x, HIGH + 4, width, STRIP, "unwatched");
    return share === null || share <= 0
      ? [strip]
      : [strip, rectangle(x, HIGH + 4, width * share, STRIP, "watched-bar")];
  }

  private take(): void {
    const [first, last] = this.chosen();
    ask(filterOf(this.days, first, last));
    this.follow();
  }
}

const held = document.querySelector<HTMLElement>("[data-island=timeline]");
if (held !== null) {
  const form = document.querySelector<HTMLFormElement>("form.filter");
  const onMap = document.querySelector("[data-island=map]") !== null;
  const timeline = new Timeline(held, told(held, isTold), () => {
    if (!onMap) {
      form?.requestSubmit();
    }
  });
  let others = toQuery(asked(), ["since", "until"]);
  whenAsked((now) => {
    const next = toQuery(now, ["since", "until"]);
    if (next === others) {
      timeline.place();
      return;
    }
    others = next;
    void timeline.load();
  });
  void timeline.load();
}
