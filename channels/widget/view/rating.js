/** The end of a chat: how satisfied somebody was, and the way to a new chat. */

import { button, el, refill } from "../dom.js";
import { mistake, mistakeLine } from "./mistake.js";

const SCORES = [5, 4, 3, 2, 1];

export class Ending {
  /** @param {object} ui see view/panel.js */
  constructor(ui) {
    this.ui = ui;
    const { words, page } = ui;
    this.title = el(page ? "h2" : "h3", { class: "sheet-title", tabindex: "-1" }, words.say("ended"));
    this.form = el("div");
    const again = button({ class: "primary", onclick: () => this.again() }, words.say("new_chat"));
    this.element = el("div", { class: "ending", hidden: true }, this.title, this.form, again);
  }

  show() {
    this.element.hidden = false;
    refill(this.form, this.ui.chat.session?.rated ? null : this.question());
  }

  hide() {
    this.element.hidden = true;
  }

  again() {
    this.ui.chat.forget();
    this.ui.settleFocus();
  }

  question() {
    const { words } = this.ui;
    const error = mistakeLine("rating-error");
    const options = SCORES.map((score) =>
      el(
        "label",
        { class: "radio" },
        el("input", { type: "radio", name: "score", value: score }),
        el("span", {}, words.say(`rating_${score}`)),
      ),
    );
    const legend = el("legend", { class: "label" }, words.say("rating"));
    const scores = el("fieldset", { class: "group", "aria-describedby": "rating-error" }, legend, error, ...options);
    const given = { id: "rating-words", class: "input", rows: "3", maxlength: "1000", dir: "auto", "aria-describedby": "rating-hint" };
    const field = el("textarea", given);
    const more = el(
      "div",
      { class: "group" },
      el("label", { class: "label", for: "rating-words" }, words.say("rating_words")),
      el("p", { class: "hint", id: "rating-hint" }, words.say("rating_hint")),
      field,
    );
    const send = el("button", { class: "secondary", type: "submit" }, words.say("rating_send"));
    const form = el("form", { novalidate: true }, scores, more, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const score = form.querySelector("input:checked") ?? form.querySelector("input");
      this.send(form, field.value.trim(), (sentence) => mistake(words, { line: error, box: scores, field: score }, sentence));
    });
    return form;
  }

  async send(form, said, complain) {
    const { words, chat } = this.ui;
    const score = Number(new FormData(form).get("score"));
    complain("");
    if (!score) return complain(words.say("rating_none"));
    try {
      await chat.api.call("POST", "rating", { json: { score, ...(said ? { words: said } : {}) } });
    } catch (problem) {
      return complain(problem.words(words));
    }
    chat.session.rated = true;
    const thanks = el("p", { class: "thanks", tabindex: "-1" }, words.say("rating_thanks"));
    refill(this.form, thanks);
    thanks.focus();
  }
}
