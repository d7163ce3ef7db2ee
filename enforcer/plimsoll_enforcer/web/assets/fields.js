// What both dialogs ask: why, by whom, and the account's name typed, so that nobody closes or frees the wrong one.

import { element } from "./dom.js";
import { operator, rememberOperator } from "./session.js";

const LONGEST = 500;

/**
 * The fields for one account.
 *
 * reasons: to choose from; the last one stands for words of one's own. changed(): called at every change. onward():
 * called when the name is entered, so that the focus goes on.
 * Gives the nodes, `more` for whoever has more to say, `missing()` in words, and `reason()` and `operator()` to send.
 */
export function askFields({ account, reasons, changed, onward }) {
  const chosen = reasons.map((text, at) => ({
    text,
    input: element("input", { type: "radio", name: "reason", id: `reason-${at}`, value: at }),
  }));
  const note = element("input", { id: "note", type: "text", maxlength: LONGEST - 60, autocomplete: "off" });
  const who = element("input", { id: "who", type: "text", maxlength: 60, autocomplete: "name", placeholder: "operator" });
  who.value = operator();
  const name = element("input", {
    id: "typed",
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    autocorrect: "off",
    spellcheck: "false",
    enterkeyhint: "done",
  });
  const own = reasons.length - 1;
  const picked = () => chosen.findIndex(({ input }) => input.checked);

  function missing() {
    if (picked() < 0) return "Choose a reason.";
    if (picked() === own && !note.value.trim()) return "Say the reason in words.";
    if (name.value.trim().toLowerCase() !== account.toLowerCase()) return `Type the account's name: ${account}`;
    return "";
  }

  const nodes = [
    element(
      "fieldset",
      {},
      element("legend", {}, "Why?"),
      element("div", { class: "choices" }, chosen.map(({ text, input }) => element("label", { class: "choice" }, input, text))),
    ),
    element("label", { for: "typed" }, "Type the account's name: ", element("strong", {}, account)),
    name,
  ];
  const whoNow = element("strong", {}, operator() || "operator");
  const more = element(
    "details",
    { class: "who" },
    element("summary", {}, "In the audit as ", whoNow, "; add words"),
    element("label", { for: "note" }, "The reason in words"),
    note,
    element("label", { for: "who" }, "Your name"),
    who,
  );
  chosen[own].input.addEventListener("change", () => {
    more.open = true;
    note.focus();
  });
  for (const input of [...chosen.map((one) => one.input), note, name]) input.addEventListener("input", changed);
  name.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    onward();
  });
  who.addEventListener("input", () => {
    rememberOperator(who.value);
    whoNow.textContent = who.value.trim() || "operator";
  });
  return {
    nodes,
    more,
    missing,
    operator: () => line(who.value) || "operator",
    reason() {
      const words = line(note.value);
      if (picked() === own) return words;
      return words ? `${reasons[picked()]}: ${words}` : reasons[picked()];
    },
  };
}

/** One line of what was typed or pasted, as the enforcer takes it. */
function line(text) {
  return text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
}
