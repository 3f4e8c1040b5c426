/** The button that opens the chat, with the number of messages that nobody has read. */

import { button, el, icon, refill } from "../dom.js";

export class Launcher {
  constructor(open) {
    this.label = el("span", { class: "launcher-label" });
    this.badge = el("span", { class: "badge", "aria-hidden": "true", hidden: true });
    this.element = button({ class: "launcher", onclick: open, "aria-haspopup": "dialog" }, icon("chat"), this.label, this.badge);
  }

  /** @param {{launcher: string, unread: string}} words with the number already in `unread` */
  show(words, count) {
    refill(this.label, words.launcher);
    this.badge.hidden = !count;
    refill(this.badge, count > 9 ? "9+" : String(count));
    if (count) this.element.setAttribute("aria-label", `${words.launcher}, ${words.unread}`);
    else this.element.removeAttribute("aria-label");
  }
}
