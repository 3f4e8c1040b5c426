/** Elements made by hand: text is only ever text, and nothing needs a page that allows inline styles or scripts. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element. What begins with "on" is listened for, the rest are attributes; false, null and undefined are left out.
 * @param {string} name
 * @param {Object<string, any>} given
 * @param {...(Node|string|null|false|undefined)} children
 */
export function el(name, given = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child || child === 0));
  return made;
}

/** A button that submits nothing. */
export function button(given, ...children) {
  return el("button", { type: "button", ...given }, ...children);
}

/**
 * Do something at each click, one at a time. A button that is disabled loses the focus, so it only says that it waits.
 * @param {HTMLElement} pressed
 * @param {() => Promise<void>} act
 */
export function onceAtATime(pressed, act) {
  return async (event) => {
    event.preventDefault();
    if (pressed.getAttribute("aria-disabled")) return;
    pressed.setAttribute("aria-disabled", "true");
    try {
      await act();
    } finally {
      pressed.removeAttribute("aria-disabled");
    }
  };
}

/** A drawing of 24 by 24 in the colour of the text around it; screen readers pass it by. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const given = { viewBox: "0 0 24 24", width: "24", height: "24", "aria-hidden": "true", focusable: "false", class: "icon" };
  for (const [key, value] of Object.entries(given)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Words that only screen readers say. */
export function hiddenText(text) {
  return el("span", { class: "hidden-text" }, text);
}

/** Give a shadow tree these styles, in a way that needs no page that allows inline styles; old browsers know only the other way. */
export function addStyles(root, css) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    root.append(el("style", {}, css));
  }
}

/** Put exactly these children into an element. */
export function refill(element, ...children) {
  element.replaceChildren(...children.filter(Boolean));
}

/** The element with the focus, also inside of shadow trees. */
export function focused() {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found;
}

/** A random UUID, also on pages without https, where the browser's own is missing. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const ICONS = {
  chat: "M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm3 5v2h10V8zm0 4v2h7v-2z",
  down: "M12 15.6 5.7 9.3l1.4-1.4 4.9 4.9 4.9-4.9 1.4 1.4z",
  close: "m6.4 5 5.6 5.6L17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z",
  menu: "M4 6h16v2H4zm0 5h16v2H4zm0 5h16v2H4z",
  send: "M3 20.5v-6.3l9-2.2-9-2.2V3.5L22 12z",
  photo: "M9 4h6l1.7 2H20a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8c0-1.1.9-2 2-2h3.3zm3 4a5 5 0 1 0 0 10 5 5 0 0 0 0-10zm0 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6z",
  place: "M12 2a7 7 0 0 1 7 7c0 5-7 13-7 13S5 14 5 9a7 7 0 0 1 7-7zm0 4.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  map: "m9 4 6 2 5.3-2a.5.5 0 0 1 .7.5V18l-6 2-6-2-5.3 2a.5.5 0 0 1-.7-.5V6zm0 2.2v9.9l6 2V8.2z",
};
