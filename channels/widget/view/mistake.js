/** What is wrong with a field, beside it and said once: with the field when the focus comes to it, by an alert when the focus is there already. */

import { el, focused, refill } from "../dom.js";

/** The element for it, empty. */
export function mistakeLine(id) {
  return el("p", { id, class: "error", role: "alert" });
}

/**
 * @param {import("../words.js").Words} words
 * @param {{line: HTMLElement, box: HTMLElement, field: HTMLElement}} where `box` is marked, `field` gets the focus
 * @param {string} sentence "" when nothing is wrong any more
 */
export function mistake(words, { line, box, field }, sentence) {
  if (sentence && focused() !== field) line.removeAttribute("role");
  else line.setAttribute("role", "alert");
  if (field.type !== "radio") field.setAttribute("aria-invalid", sentence ? "true" : "false");
  box.classList.toggle("wrong", Boolean(sentence));
  refill(line, sentence && el("span", { class: "hidden-text" }, `${words.say("error")} `), sentence);
  if (sentence) field.focus();
}
