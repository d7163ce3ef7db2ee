// The button that must be held for two seconds: by mouse, finger, Space or Enter. Who cannot hold presses twice instead.
// Letting go, leaving the page or losing the focus before the time is over sends nothing.

import { element, setText } from "./dom.js";
import { say, shout } from "./speaking.js";

const HOLD_MS = 2000;
const TWICE_MS = 6000;
const APART_MS = 400; // a double click is one press

let current = null; // the button that was made last: only one can be held
document.addEventListener("visibilitychange", () => document.hidden && current?.letGo());
document.addEventListener("close", () => current?.letGo(), true); // of a dialog: it does not bubble

/**
 * A button to hold, and the choice to press twice.
 *
 * words: what it does, e.g. "flatten eon"; missing(): what is still to be filled in, empty when nothing is;
 * confirmed(): called once when it was held long enough.
 */
export function holdButton({ words, missing, confirmed }) {
  const label = element("span", { class: "hold-label" });
  const button = element(
    "button",
    { type: "button", class: "danger hold", "aria-describedby": "hold-help" },
    element("span", { class: "hold-bar", "aria-hidden": "true" }),
    label,
  );
  const twice = element("input", { type: "checkbox", id: "hold-twice" });
  const help = element("p", { id: "hold-help", class: "soft" });
  const node = element(
    "div",
    { class: "holding" },
    button,
    help,
    element("label", { class: "choice", for: "hold-twice" }, twice, "I cannot hold: let me press twice instead"),
  );
  const state = { keyed: false, began: null, timer: 0, ticker: 0, first: null, done: false };

  function rest() {
    clearTimeout(state.timer);
    clearInterval(state.ticker);
    state.began = state.first = null;
    button.classList.remove("held");
    show();
  }

  function show() {
    const todo = missing();
    button.setAttribute("aria-disabled", String(Boolean(todo) || state.done));
    if (state.done) return setText(label, "Sent");
    if (state.began === null && state.first === null) {
      setText(label, twice.checked ? `Press twice to ${words}` : `Hold 2 s to ${words}`);
    }
    setText(help, todo || (twice.checked ? "Press, then press again within 6 seconds." : "Let go before the 2 seconds are over and nothing is sent."));
  }

  function begin() {
    if (state.done || state.began !== null || twice.checked) return;
    if (missing()) return shout(missing());
    state.began = performance.now();
    button.classList.add("held");
    shout("Keep holding for 2 seconds.");
    state.ticker = setInterval(countdown, 100);
    state.timer = setTimeout(finish, HOLD_MS);
    countdown();
  }

  function countdown() {
    const left = Math.max(0, HOLD_MS - (performance.now() - state.began));
    setText(label, `Keep holding: ${(left / 1000).toFixed(1)} s`);
  }

  function letGo() {
    if ((state.began === null && state.first === null) || state.done) return;
    rest();
    shout("Let go too early: nothing was sent.");
  }

  function finish() {
    if (missing() || !button.checkVisibility()) return letGo();
    rest();
    state.done = true;
    show();
    confirmed();
  }

  function pressed(event) {
    if (state.done) return;
    if (missing()) return shout(missing());
    const now = performance.now();
    if (!twice.checked) {
      // A click without pointer or key comes from assistive technology, which cannot hold.
      if (event.detail === 0 && state.began === null && !state.keyed) say("Hold this button for 2 seconds, or choose to press twice below.");
      state.keyed = false;
      return;
    }
    if (state.first !== null && now - state.first < APART_MS) return;
    if (state.first !== null) return finish();
    state.first = now;
    setText(label, `Press again to ${words}`);
    shout(`Press again within 6 seconds to ${words}.`);
    state.timer = setTimeout(() => {
      rest();
      say("Not pressed again: nothing was sent.");
    }, TWICE_MS);
  }

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    begin();
  });
  const heldNoMore = () => state.began !== null && letGo();
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) button.addEventListener(kind, heldNoMore);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("keydown", (event) => {
    if (![" ", "Enter"].includes(event.key)) return;
    if (twice.checked && !event.repeat) return;
    event.preventDefault(); // a key that is kept down is no second press
    if (twice.checked) return;
    state.keyed = true;
    if (!event.repeat) begin();
  });
  button.addEventListener("keyup", (event) => {
    if (![" ", "Enter"].includes(event.key) || twice.checked) return;
    event.preventDefault();
    heldNoMore();
  });
  button.addEventListener("click", pressed);
  twice.addEventListener("change", rest);
  current = { letGo };
  show();
  return {
    node,
    refresh: show,
    focus: () => button.focus(),
    again() {
      state.done = false;
      rest();
    },
  };
}
