/** The panel before there is a configuration: it loads, or it could not be loaded. */

import { button, el, icon, refill } from "../dom.js";

export class Waiting {
  /** @param {object} words the few that are there before all others */
  constructor(words, minimise) {
    this.words = words;
    this.status = el("div", { class: "waiting-status", role: "status" });
    const close = button({ class: "head-button", "aria-label": words.minimise, onclick: minimise }, icon("down"));
    const head = el("div", { class: "head" }, el("p", { class: "title" }, words.launcher), el("div", { class: "head-buttons" }, close));
    const given = { class: "panel waiting", role: "dialog", "aria-modal": "false", "aria-label": words.launcher, tabindex: "-1" };
    this.element = el("div", given, head, this.status);
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && minimise());
  }

  load() {
    refill(this.status, el("p", {}, this.words.loading), el("div", { class: "typing", "aria-hidden": "true" }, el("i"), el("i"), el("i")));
  }

  failed(retry) {
    refill(this.status, el("p", {}, this.words.load_failed), button({ class: "primary", onclick: retry }, this.words.try_again));
  }
}
