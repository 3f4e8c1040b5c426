/**
 * Says things to screen readers, each once. The list of messages is no live region itself: lists are rebuilt and shown again (another page,
 * another language, the panel opened), and screen readers differ in what of that they read out. Here only what is new is ever added.
 */

import { el } from "../dom.js";

const SPOKEN_AFTER = 15_000; // ms; then it is taken away, so that nobody comes across it a second time

export class Announcer {
  constructor() {
    this.element = el("div", { class: "hidden-text", "aria-live": "polite", "aria-relevant": "additions", "aria-atomic": "false" });
  }

  say(text) {
    if (!text) return;
    const line = el("p", {}, text);
    this.element.append(line);
    setTimeout(() => line.remove(), SPOKEN_AFTER);
  }
}
