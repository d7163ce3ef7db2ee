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

/** A new element of a drawing; attributes and children as for `element`. */
export function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...texts(children));
  return made;
}

/**
 * Make `parent` hold these children, changing what is there as little as can be, so that focus, selection, scrolling
 * and open details stay where they are. Elements with the same `data-key` are the same thing, wherever they stand.
 */
export function morph(parent, ...children) {
  const fresh = texts(children);
  const kept = new Map([...parent.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));
  fresh.forEach((child, place) => {
    const old = kept.get(child.dataset?.key) ?? parent.childNodes[place];
    if (!old || !alike(old, child)) parent.insertBefore(child, parent.childNodes[place] ?? null);
    else {
      if (parent.childNodes[place] !== old) parent.insertBefore(old, parent.childNodes[place] ?? null);
      update(old, child);
    }
  });
  while (parent.childNodes.length > fresh.length) parent.lastChild.remove();
  return parent;
}

function alike(old, fresh) {
  return old.nodeName === fresh.nodeName && (old.dataset?.key ?? "") === (fresh.dataset?.key ?? "");
}

function update(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  morph(old, ...fresh.childNodes);
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

/** A sign that says with a shape, a word and a colour how bad something is; level: danger, warning, fine, unknown, neutral. */
export function badge(level, word) {
  const sign = element("span", { class: "sign", "aria-hidden": "true" }, SIGNS[level] ?? SIGNS.unknown);
  return element("span", { class: "badge", "data-level": level }, sign, word);
}

/** The shapes of the levels, told apart without colour. */
export const SIGNS = { danger: "\u2716", warning: "\u25B2", fine: "\u2714", unknown: "?", neutral: "\u2013" };

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
