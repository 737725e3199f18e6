// SPDX-License-Identifier: Apache-2.0
"use strict";
/* The page around the checks: takes what was given, shows what was found.  Texts are set as texts, never as HTML. */

const find = (id) => document.getElementById(id);

function element(name, text, style) {
  const made = document.createElement(name);
  made.textContent = text;
  if (style) made.className = style;
  return made;
}

/** One step as a list item. */
function asItem(step) {
  const item = element("li", "", step.state.split(" ")[0]);
  item.dataset.step = step.id;
  item.dataset.state = step.state;
  const heading = element("h3", "");
  heading.append(element("span", step.title), element("span", step.state, "state"));
  item.append(heading);
  if (step.what) item.append(element("p", step.what, "what"));
  item.append(element("p", step.meaning, "meaning"));
  return item;
}

function show(verdict, meaning, style, steps) {
  find("verdict").textContent = verdict;
  find("verdict-meaning").textContent = meaning;
  find("steps").replaceChildren(...steps.map(asItem));
  find("outcome").className = style;
  find("outcome").hidden = false;
  find("verdict").focus();
}

function showSteps(steps) {
  const failed = steps.findIndex((step) => step.state === "failed");
  if (failed >= 0) {
    show(`Step ${failed + 1} failed: ${steps[failed].what}`, steps[failed].meaning, "failed", steps);
    return;
  }
  const left = steps.filter((step) => step.state === "not given").map((step) => step.title.toLowerCase());
  const rest = left.length === 0 ? "" : ` Not checked, as nothing was given for it: ${left.join("; ")}.`;
  show("Every step holds", `The record is in the log, as its author signed it.${rest}`, "holds", steps);
}

async function check() {
  const file = find("proof").files[0];
  const [key, policy, item] = ["key", "policy", "item"].map((id) => find(id).value);
  let proof;
  try {
    proof = new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    show("The file could not be read", `Nothing was checked. Choose it again. (${error.message})`, "failed", []);
    return;
  }
  try {
    showSteps(await verify({ proof, key, policy, item }));
  } catch (error) {
    const why = error instanceof Unable ? error.message : `The page itself failed: ${error.message}`;
    show("Nothing was checked", `${why} This says nothing about the record.`, "failed", []);
  }
}

/** What was found belongs to what was given: as soon as that changes, the outcome goes. */
find("form").addEventListener("input", () => {
  find("outcome").hidden = true;
});

find("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = [...find("form").elements];
  for (const field of fields) field.disabled = true;
  await check();
  for (const field of fields) field.disabled = false;
});
