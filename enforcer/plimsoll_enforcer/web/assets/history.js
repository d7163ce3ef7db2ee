// The list of runs, each with its audit to open and to copy.

import { badge, element, fill, setText } from "./dom.js";
import { asText, auditTable, progressNodes, resultNodes, runLevel, runWords, whyWords } from "./run.js";
import { Lost } from "./session.js";
import { say } from "./speaking.js";
import { state } from "./state.js";
import { readRun } from "./watching.js";
import { dayTime } from "./words.js";

const SHOWN = 50;
const rows = new Map();

/** Fill the list anew; what is open stays open. */
export function updateHistory() {
  const list = document.getElementById("runs-list");
  const runs = state.runs.slice(0, SHOWN);
  const wanted = runs.map((run) => row(run).node);
  if (!wanted.length || wanted.length !== list.children.length || wanted.some((node, at) => list.children[at] !== node)) {
    fill(list, wanted.length ? wanted : element("p", { class: "soft" }, "No run yet."));
  }
  for (const run of runs) rows.get(run.run_id).update(run);
}

/** Forget all of it. */
export function forgetHistory() {
  rows.clear();
  fill(document.getElementById("runs-list"));
}

function row(run) {
  if (!rows.has(run.run_id)) rows.set(run.run_id, makeRow(run));
  return rows.get(run.run_id);
}

function makeRow(first) {
  const sign = element("span", { class: "row-sign" });
  const words = element("span", { class: "row-words" });
  const body = element("div", { class: "row-body" });
  const node = element(
    "details",
    { class: "run-row" },
    element("summary", {}, element("strong", {}, first.account), " ", element("span", { class: "soft" }, dayTime(first.began_at)), " ", sign, words),
    body,
  );
  let [known, whole, reading] = [first, null, false];

  async function read() {
    if (reading || !node.open || (whole !== null && whole.ended_at !== null)) return;
    reading = true;
    try {
      const steps = whole?.audit ?? [];
      const found = await readRun(first.run_id, { after: steps.length });
      if (found !== null) take({ ...found, audit: [...steps, ...found.audit] });
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      if (whole === null) fill(body, element("p", { class: "fault" }, "No answer came; it is asked again."));
    } finally {
      reading = false;
    }
  }

  /** What has not changed is left alone, and with it the place to which somebody has scrolled. */
  function take(run) {
    if (whole === null || run.audit.length !== whole.audit.length || run.ended_at !== whole.ended_at) show(run);
    whole = run;
  }

  function show(run) {
    fill(
      body,
      element("p", { class: "soft" }, `Run ${run.run_id}: ${whyWords(run)}`),
      run.ended_at === null ? progressNodes(run) : resultNodes(run),
      auditTable(run),
      copyNodes(run),
    );
  }

  node.addEventListener("toggle", read);
  return {
    node,
    update(run) {
      known = run;
      const level = known.ended_at === null ? "danger" : runLevel(known);
      const text = known.ended_at === null ? "in progress" : runWords(known, 0);
      if (words.textContent !== text) fill(sign, badge(level, known.mode === "dry-run" ? "Dry run" : known.ended_at === null ? "Running" : level === "fine" ? "Done" : "Not flat"));
      setText(words, text);
      read();
    },
  };
}

/** A button that copies the whole run; where the browser does not allow that, the text itself, to be copied by hand. */
function copyNodes(run) {
  const place = element("div");
  const copy = element("button", { type: "button" }, "Copy as text");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(asText(run));
      setText(copy, "Copied");
      say("Copied.");
    } catch {
      const text = element("textarea", { readonly: true, rows: 12, "aria-label": `Run ${run.run_id} as text` });
      text.value = asText(run);
      fill(place, element("p", { class: "soft" }, "This browser does not let the page copy: copy it from here."), text);
      text.select();
    }
  });
  return [copy, place];
}
