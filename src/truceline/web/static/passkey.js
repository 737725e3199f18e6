// SPDX-License-Identifier: Apache-2.0
// Puts the service's challenge to the device, and the device's answer into the page's form.
"use strict";

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// What the service asks comes as JSON, in which bytes are text.
const asked = (options) => ({
  ...options,
  challenge: bytesOf(options.challenge),
  ...(options.user && {user: {...options.user, id: bytesOf(options.user.id)}}),
  ...Object.fromEntries(
    ["excludeCredentials", "allowCredentials"]
      .filter((name) => options[name])
      .map((name) => [name, options[name].map((one) => ({...one, id: bytesOf(one.id)}))]),
  ),
});

const answered = (made) => JSON.stringify({
  id: made.id,
  rawId: textOf(made.rawId),
  type: made.type,
  response: Object.fromEntries(
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]
      .filter((name) => made.response[name])
      .map((name) => [name, textOf(made.response[name])]),
  ),
});

const challengeFor = async (form) => {
  const answer = await fetch(`${form.getAttribute("action")}/challenge`, {
    method: "POST",
    headers: {"X-CSRF-Token": form.elements.csrf.value, "Accept": "application/json"},
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return asked(await answer.json());
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const said = form.querySelector("[data-said]");
  if (!window.PublicKeyCredential) {
    said.textContent = form.dataset.missing;
    continue;
  }
  said.textContent = "";
  form.querySelector("div").hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    said.textContent = "";
    let publicKey = null;
    try {
      publicKey = await challengeFor(form);
      const made = await navigator.credentials[form.dataset.passkey]({publicKey});
      form.elements.answer.value = answered(made);
      form.submit();  // past this listener
    } catch (error) {
      const known = error.name === "InvalidStateError";
      said.textContent = form.dataset[publicKey === null ? "failed" : known ? "known" : "refused"];
    } finally {
      button.disabled = false;
    }
  });
}
