// SPDX-License-Identifier: Apache-2.0
// Computes a file's SHA-256 before it is sent, so that the service can tell if it changed on the way.
// Where a browser cannot (no secure context), the service computes it alone.
"use strict";

for (const form of document.querySelectorAll("form[data-hash]")) {
  const file = form.elements.namedItem("file");
  const field = form.elements.namedItem("sha256");
  const shown = form.querySelector("[data-digest]");
  file.addEventListener("change", async () => {
    field.value = "";
    shown.textContent = "";
    const chosen = file.files[0];
    if (!chosen || !window.crypto || !crypto.subtle) {
      return;
    }
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await chosen.arrayBuffer()));
    if (file.files[0] !== chosen) {
      return; // another was chosen meanwhile
    }
    field.value = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    shown.textContent = `SHA-256 ${field.value}`;
  });
}
