// The one dialog of the page. It takes the whole screen of a phone, is left with Escape or Back (Close might be taken for
// closing positions), and gives the focus back to where it came from.

import { element, fill } from "./dom.js";

let refresher = null;
let cameFrom = null;
let opened = 0;

const dialog = () => document.getElementById("dialog");

/** Show it; `refresh` is called at once and whenever there is news. Gives a number that says which dialog this is. */
export function openDialog({ title, body, refresh }) {
  cameFrom = document.activeElement;
  opened += 1;
  refresher = refresh;
  fill(
    dialog(),
    element(
      "div",
      { class: "sheet" },
      element("div", { class: "sheet-head" }, element("h2", { id: "dialog-title", tabindex: -1 }, title), element("button", { type: "button", onclick: () => closeDialog() }, "Back")),
      body,
    ),
  );
  refresh();
  dialog().showModal();
  dialog().scrollTop = 0;
  document.getElementById("dialog-title").focus();
  return opened;
}

/** Whether this dialog is the one that is open. */
export const isOpen = (which) => dialog().open && which === opened;

/** Close it, where it is the one that is open; the focus goes to the card of `account`, else back. */
export function closeDialog(account, which = opened) {
  if (!isOpen(which)) return;
  dialog().close();
  const card = account && document.querySelector(`[data-account="${CSS.escape(account)}"] h2`);
  if (card) {
    card.focus();
    card.scrollIntoView({ block: "start" });
  } else {
    cameFrom?.focus();
  }
}

/** There is news. */
export function refreshDialog() {
  if (dialog().open) refresher?.();
}

/** To be called once: whatever closes it, nothing of it goes on. */
export function prepareDialog() {
  dialog().addEventListener("close", () => {
    if (dialog().open) return; // told late: the next one is open already
    refresher = null;
    fill(dialog());
  });
}
