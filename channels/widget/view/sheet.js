/** A step aside: it takes the place of the conversation until it is done or cancelled, and gives the focus back to where it came from. */

import { button, el, focused, onceAtATime, refill } from "../dom.js";
import { mistake, mistakeLine } from "./mistake.js";

export class Sheet {
  /** @param {object} ui see view/panel.js */
  constructor(ui) {
    this.ui = ui;
    this.element = el("div", { class: "sheet", hidden: true, role: "group", "aria-labelledby": "sheet-title" });
  }

  focus() {
    this.element.querySelector(".sheet-title").focus();
  }

  get open() {
    return !this.element.hidden;
  }

  /**
   * @param {string} title
   * @param {Node[]} content
   * @param {{cancel?: string, closed?: () => void}} how cancel: words of the way back; closed: called however it ends
   */
  show(title, content, { cancel, closed } = {}) {
    if (!this.open) this.from = focused();
    this.closed?.();
    this.closed = closed;
    const heading = el(this.ui.page ? "h2" : "h3", { id: "sheet-title", class: "sheet-title", tabindex: "-1" }, title);
    const back = button({ class: "secondary", onclick: () => this.close() }, cancel ?? this.ui.words.say("cancel"));
    refill(this.element, heading, ...content, el("div", { class: "sheet-foot" }, back));
    this.element.hidden = false;
    this.ui.talk.hidden = true;
    this.element.scrollTop = 0;
    this.focus();
  }

  /** Back to the conversation; `settle` when what had the focus before is done with. */
  close({ settle = false } = {}) {
    if (!this.open) return;
    const inside = this.element.contains(focused());
    this.element.hidden = true;
    this.ui.talk.hidden = false;
    this.closed?.();
    this.closed = null;
    refill(this.element);
    this.ui.messages.toEnd();
    if (!inside) return;
    if (!settle && this.from?.isConnected && this.from.checkVisibility?.() !== false) this.from.focus();
    else this.ui.settleFocus();
  }
}

/** A text field with its label, hint and error; `wrong` says what is wrong with it, once. */
export function textField(words, { id, label, hint, ...given }) {
  const error = mistakeLine(`${id}-error`);
  const input = el("input", { id, class: "input", "aria-describedby": `${hint ? `${id}-hint ` : ""}${id}-error`, ...given });
  const element = el(
    "div",
    { class: "group" },
    el("label", { class: "label", for: id }, label),
    hint && el("p", { id: `${id}-hint`, class: "hint" }, hint),
    error,
    input,
  );
  const wrong = (sentence) => mistake(words, { line: error, box: element, field: input }, sentence);
  return { element, input, wrong };
}

/** A question that must be confirmed before something is done that cannot be undone. */
export function confirmed(ui, { title, why, yes, act }) {
  const error = el("p", { class: "error", role: "alert" });
  const go = button({ class: "primary warning" }, yes);
  const goOn = async () => {
    refill(error);
    try {
      await act();
      ui.sheet.close({ settle: true });
    } catch (problem) {
      refill(error, problem.words(ui.words));
    }
  };
  go.addEventListener("click", onceAtATime(go, goOn));
  ui.sheet.show(title, [el("p", {}, why), error, go]);
}
