// Builds the page. Every text reaches it as text: nothing here, and nothing in any other module, writes markup, so a
// hostile account name or error message is shown letter by letter and does nothing.

/**
 * A new element.
 *
 * attributes: `class`, `id`, `aria-...`, `data-...` and so on as strings or numbers; `true` sets an empty attribute,
 * `false`, `null` and `undefined` leave it out; a function under `onclick` and the like listens.
 * children: elements, texts, numbers, or lists of them; `null`, `undefined` and `false` are left out.
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") made.addEventListener(name.replace(/^on/, ""), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...texts(children));
  return made;
}

/** Give `parent` these children and no others. */
export function fill(parent, ...children) {
  parent.replaceChildren(...texts(children));
  return parent;
}

/** Set a text, only where it changes, so that a screen reader and a selection are left in peace. */
export function setText(node, text) {
  if (node.textContent !== String(text)) node.textContent = text;
}

/** A sign that says with a shape, a word and a colour how bad something is; level: danger, warning, fine, unknown. */
export function badge(level, word) {
  const sign = element("span", { class: "sign", "aria-hidden": "true" }, SIGNS[level] ?? SIGNS.unknown);
  return element("span", { class: "badge", "data-level": level }, sign, word);
}

/** The shapes of the levels, told apart without colour. */
export const SIGNS = { danger: "\u2716", warning: "\u25B2", fine: "\u2714", unknown: "?" };

/** A link; only what leads to a page becomes one, any other address stays a word. */
export function link(address, word) {
  const safe = URL.canParse(address, location.href) && ["http:", "https:"].includes(new URL(address, location.href).protocol);
  return safe ? element("a", { href: address, rel: "noreferrer noopener" }, word) : element("span", {}, word);
}

function texts(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));
}
