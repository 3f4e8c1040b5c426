/** The field and its buttons: writing, adding photos, saying where. */

import { button, el, icon, refill } from "../dom.js";
import { mistake, mistakeLine } from "./mistake.js";
import { Photos } from "./photos.js";

const WARN = 200; // characters before the limit from which on they are counted aloud
const COARSE = matchMedia("(pointer: coarse)");

export class Composer {
  /** @param {object} ui see view/panel.js */
  constructor(ui) {
    this.ui = ui;
    const { words, chat } = ui;
    this.limit = chat.config.limits.text;
    this.field = el("textarea", {
      id: "field",
      class: "field",
      rows: "1",
      dir: "auto",
      "aria-describedby": "error count",
      enterkeyhint: "send",
      oninput: () => this.written(),
      onkeydown: (event) => this.key(event),
      onpaste: (event) => this.pasted(event),
    });
    this.error = mistakeLine("error");
    this.count = el("p", { id: "count", class: "count", hidden: true });
    this.photos = new Photos(ui, (sentence) => this.complain(sentence));
    const send = el("button", { class: "send", type: "submit" }, icon("send"), words.say("send"));
    const tools = el(
      "div",
      { class: "tools" },
      this.photos.add,
      "geolocation" in navigator && this.tool("place", "location", ui.shareLocation),
      chat.config.map && this.tool("map", "map", ui.choosePlace),
    );
    this.element = el(
      "form",
      { class: "composer", novalidate: true, onsubmit: (event) => this.submit(event) },
      el("label", { class: "label", for: "field" }, words.say("message")),
      this.error,
      this.photos.element,
      el("div", { class: "row" }, this.field, send),
      this.count,
      tools,
    );
    this.field.value = chat.store.draft;
  }

  tool(drawing, key, act) {
    return button({ class: "tool", onclick: act }, icon(drawing), this.ui.words.say(key));
  }

  focus() {
    this.field.focus();
  }

  /** Where the focus goes when what had it is gone: the field, but on a phone not, where a keyboard would cover the answer. */
  rest() {
    if (COARSE.matches) this.ui.messages.element.focus();
    else this.focus();
  }

  key(event) {
    // While a word is being composed, as in Chinese or Japanese, Enter chooses the word; Safari says so by 229 only.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  written() {
    const { field, ui } = this;
    ui.chat.store.draft = field.value;
    this.grow();
    if (this.error.textContent) this.complain("");
    const left = this.limit - field.value.trim().length;
    this.count.hidden = left > WARN || left < 0;
    refill(this.count, ui.words.say("characters_left", { count: left }));
  }

  /** As tall as what is written, up to what the style allows. */
  grow() {
    this.field.style.blockSize = "auto";
    this.field.style.blockSize = `${this.field.scrollHeight + 4}px`;
  }

  pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (!files.length) return;
    event.preventDefault();
    this.photos.take(files);
  }

  submit(event) {
    event.preventDefault();
    const { words, chat } = this.ui;
    const text = this.field.value.trim();
    const photos = this.photos.ids;
    if (this.photos.busy) return this.complain(words.say("photo_wait"));
    if (!text && !photos.length) return this.complain(words.say("empty"));
    if (text.length > this.limit) return this.complain(words.say("too_long", { limit: this.limit, count: text.length }));
    this.complain("");
    const shown = text || photos.map((_, place) => words.say("photo_number", { number: place + 1 })).join(", ");
    this.photos.sent();
    this.field.value = "";
    this.written();
    this.focus();
    chat.outbox.add({ ...(text ? { text } : {}), ...(photos.length ? { photos } : {}) }, shown);
  }

  /** Say what is wrong, once, beside the field; "" takes it away. */
  complain(sentence) {
    mistake(this.ui.words, { line: this.error, box: this.element, field: this.field }, sentence);
  }

  /** A message that will never be taken comes back into the field, to be changed. */
  giveBack(item, sentence) {
    if (item.body.text && !this.field.value) this.write(item.body.text);
    this.complain(sentence);
  }

  /** Put a text into the field. */
  write(text) {
    this.field.value = text;
    this.written();
  }
}
