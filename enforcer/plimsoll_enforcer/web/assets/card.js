// One account's card: what is in force, what is open, what happens now, and its two buttons. Nodes are kept and filled
// anew, so that neither focus nor a finger loses its place.

import { badge, element, fill, setText } from "./dom.js";
import { ageWords, figures, isFresh, lockWords, oldWords, positionTable, signs } from "./holdings.js";
import { openPress } from "./press.js";
import { openRelease } from "./release.js";
import { progressNodes, resultNodes, runLevel, runWords, whyWords } from "./run.js";
import { CUT_OFF, isCut, passed, state } from "./state.js";
import { dayTime } from "./words.js";

/** A new card for an account's name; `update(view)` fills it, `tick()` lets its ages grow. */
export function makeCard(account, index) {
  const parts = Object.fromEntries(["signs", "age", "mode", "lock", "watching", "pressed", "released", "positions", "why"].map((name) => [name, element("div", { class: name })]));
  const numbers = element("dl", { class: "figures" });
  const run = runPanel(account);
  const title = element("h2", { id: `account-${index}`, tabindex: -1 }, account);
  const flatten = element("button", { type: "button", class: "danger wide", onclick: () => openPress(account) }, `Flatten ${account}`);
  const release = element("button", { type: "button", class: "wide", onclick: () => openRelease(account, (told) => released(told)) }, `Release ${account}`);
  const node = element(
    "article",
    { class: "card panel", "aria-labelledby": title.id, "data-account": account },
    element("div", { class: "card-head" }, title, parts.signs),
    parts.pressed,
    run.node,
    parts.lock,
    parts.watching,
    parts.released,
    numbers,
    parts.positions,
    parts.age,
    element("div", { class: "buttons" }, flatten, release),
    parts.mode,
    parts.why,
  );
  let view = null;
  let releasedAt = -Infinity;

  /** The release's word stays until an answer from after it tells of a new run or lockout; what is known is from before. */
  function released(told) {
    releasedAt = performance.now();
    fill(parts.released, element("p", { class: "note", "data-level": "fine" }, badge("fine", "Released"), " ", told));
  }

  function update(next) {
    view = next;
    fill(parts.signs, signs(view));
    fill(parts.lock, view.lockout !== null && element("p", { class: "note", "data-level": "danger" }, `${lockWords(view.lockout)}.`));
    fill(parts.watching, view.watching_since !== null && element("p", { class: "note", "data-level": "warning" }, `A breach is watched since ${dayTime(view.watching_since)}: it is read again and again, and closed once it is confirmed.`));
    fill(numbers, figures(view));
    fill(parts.positions, positionTable(view));
    fill(parts.mode, modeWords(view));
    release.hidden = !view.releasable;
    if ((view.lockout !== null || view.run_id !== null) && state.accountsAt.steady > releasedAt) fill(parts.released);
    tick();
  }

  function tick() {
    if (view === null) return;
    const fresh = isFresh(view, passed()) && !isCut();
    const known = view.holding.age_seconds !== null;
    node.dataset.old = String(!fresh);
    node.dataset.known = String(known);
    fill(parts.age, !fresh && badge("unknown", isCut() ? "Not live" : known ? "Old" : "Unknown"), " ", element("span", { class: "soft" }, ageWords(view, passed())));
    setText(parts.why, oldWords(view, passed()));
    const press = state.pressed.get(account);
    const running = view.run_id !== null || isRunning(state.followed.get(account));
    flatten.classList.toggle("danger", view.mode.in_force === "armed" && !running);
    setText(flatten, running ? `Flatten ${account}: a run is in progress` : `Flatten ${account}`);
    fill(parts.pressed, press && element("p", { class: "note", "data-level": "warning" }, press.words));
    run.tick();
  }

  return { node, update, tick };
}

const isRunning = (followed) => followed !== undefined && (followed.told === null || followed.told.ended_at === null);

function modeWords({ mode }) {
  if (mode.in_force === mode.configured && mode.in_force === "armed") return null;
  const what = mode.in_force === "armed" ? "Armed." : mode.in_force === "off" ? "Off: nothing is enforced, and this button closes nothing." : "Dry run: a breach is rehearsed, and this button closes nothing.";
  const why = mode.why ? ` ${mode.configured === mode.in_force ? "" : `Configured is ${mode.configured}, but `}${mode.why}.` : "";
  return element("p", { class: "soft" }, what + why);
}

/** The part of a card that follows a run. */
function runPanel(account) {
  const headline = element("h3", { class: "headline" });
  const cut = element("p", { class: "soft" });
  const body = element("div");
  const dismiss = element("button", { type: "button" }, "Done, put it away");
  const node = element("section", { class: "running", "aria-label": `Run of ${account}`, hidden: true }, headline, cut, body, dismiss);
  let shown = null;
  dismiss.addEventListener("click", () => {
    const followed = state.followed.get(account);
    if (followed) state.dismissed.add(followed.run_id);
    state.followed.delete(account);
    node.parentElement.querySelector("h2").focus();
    tick();
  });

  function tick() {
    const followed = state.followed.get(account);
    node.hidden = followed === undefined;
    if (followed === undefined) return;
    const { told: run, at } = followed;
    dismiss.hidden = run === null || run.ended_at === null;
    if (run === null) {
      setText(headline, "A run has begun; its record is being read.");
      return;
    }
    const live = (!isCut() && passed(at) <= CUT_OFF) || run.ended_at !== null;
    const elapsed = run.now - run.began_at + (live ? passed(at) : 0);
    node.dataset.level = live ? runLevel(run) : "unknown";
    setText(headline, runWords(run, elapsed));
    setText(cut, live ? "" : "This is what the last answer told. The run itself goes on without this page.");
    if (shown === run) return;
    shown = run;
    fill(body, element("p", { class: "soft" }, whyWords(run)), run.ended_at === null ? progressNodes(run) : resultNodes(run));
  }

  return { node, tick };
}

