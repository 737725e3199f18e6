// SPDX-License-Identifier: Apache-2.0
// Says when something new is on record; the page is as good without it.
"use strict";

const notice = document.querySelector("[data-live]");
if (notice && "EventSource" in window) {
  const shown = Number(notice.dataset.live);
  const events = new EventSource("/api/v1/events");
  events.addEventListener("changed", (event) => {
    const size = JSON.parse(event.data).tree_size;
    if (size > shown) {
      notice.querySelector("[data-count]").textContent = String(size - shown);
      notice.hidden = false;
    }
  });
}
