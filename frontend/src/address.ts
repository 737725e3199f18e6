// SPDX-License-Identifier: Apache-2.0
// The address is the only state that islands share: map, days, filter, count and links all follow it.
import { type Asked, fromSearch, toQuery, withQuery } from "./query";

const CHANGED = "truceline:asked";

export function asked(): Asked {
  return fromSearch(window.location.search);
}

/** Write what is asked into the address, and tell everything on the page that shows it. */
export function ask(changes: Partial<Asked>): void {
  const before = toQuery(asked());
  const next = { ...asked(), ...changes };
  const query = toQuery(next);
  if (query === before) {
    return;
  }
  window.history.replaceState(null, "", withQuery(window.location.pathname, query));
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-keeps-query]")) {
    link.href = withQuery(link.pathname, query);
  }
  for (const name of ["since", "until", "kind", "status"] as const) {
    const field = document.querySelector<HTMLInputElement | HTMLSelectElement>(`form.filter [name=${name}]`);
    if (field !== null) {
      field.value = next[name];
    }
  }
  document.dispatchEvent(new CustomEvent(CHANGED));
}

export function whenAsked(act: (asked: Asked) => void): void {
  document.addEventListener(CHANGED, () => act(asked()));
}

/** Read what the service told an island, written in an attribute of its element. */
export function told<Facts>(element: HTMLElement, check: (held: unknown) => held is Facts): Facts {
  const held: unknown = JSON.parse(element.dataset["told"] ?? "null");
  if (!check(held)) {
    throw new Error("The page does not tell what this island needs.");
  }
  return held;
}
