/** Photos that wait to be sent with the next message: chosen, pasted or dropped, checked, sent ahead, seen, taken away again. */

import { button, el, icon, refill } from "../dom.js";
import { Problem } from "../api.js";
import { draw, frame } from "./picture.js";

export class Photos {
  constructor(ui, complain) {
    Object.assign(this, { ui, complain, items: [] });
    const { words, chat } = ui;
    this.limits = chat.config.limits;
    // The file field is reached by its button, which has a name in the citizen's language; the field's own is the browser's.
    this.file = el("input", {
      type: "file",
      accept: this.limits.photo_types.join(","),
      multiple: true,
      hidden: true,
      onchange: () => {
        this.take([...this.file.files]);
        this.file.value = "";
      },
    });
    this.button = button({ class: "tool", onclick: () => this.file.click(), "aria-describedby": "error" }, icon("photo"), words.say("photo"));
    this.add = el("div", { class: "adding" }, this.button, this.file);
    this.element = el("ul", { class: "photos", hidden: true });
  }

  get ids() {
    return this.items.map((item) => item.id).filter(Boolean);
  }

  get busy() {
    return this.items.some((item) => !item.id);
  }

  /** Check each file and send it ahead. */
  take(files) {
    const { words } = this.ui;
    this.complain("");
    for (const file of files) {
      const { photo_types, photo_bytes, photos } = this.limits;
      if (!photo_types.includes(file.type)) return this.complain(words.say("photo_type"));
      if (file.size > photo_bytes) return this.complain(words.say("photo_size", { megabytes: Math.round(photo_bytes / 1e6) }));
      if (this.items.length >= photos) return this.complain(words.say("photo_many", { count: photos }));
      this.upload(file);
    }
  }

  async upload(file) {
    const { words, chat, announcer } = this.ui;
    const item = { file, number: this.items.length + 1 };
    this.items.push(item);
    this.show(item);
    try {
      await chat.begin();
      const { id } = await chat.api.upload(file, (share) => this.progress(item, share));
      if (!this.items.includes(item)) return this.withdraw(id);
      item.id = id;
      chat.photos.set(String(id), file);
      item.bar.remove();
      announcer.say(words.say("photo_added", { number: item.number }));
    } catch (problem) {
      if (!this.items.includes(item)) return;
      this.drop(item);
      if (!(problem instanceof Problem)) throw problem;
      if (problem.kind === "gone") chat.gone();
      this.complain(problem.sentence ? problem.words(words) : words.say("photo_failed"));
    }
  }

  show(item) {
    const { words } = this.ui;
    const { number, file } = item;
    item.canvas = frame(words.say("photo_preview", { number, file: file.name }));
    item.bar = el("progress", { max: "1", value: "0", "aria-label": words.say("photo_uploading", { number, percent: 0 }) });
    const remove = button({ class: "remove", "aria-label": words.say("photo_remove", { number }), onclick: () => this.remove(item) }, icon("close"));
    item.element = el("li", { class: "photo" }, item.canvas, item.bar, remove);
    this.element.append(item.element);
    this.element.hidden = false;
    draw(item.canvas, file);
  }

  /** Photos of the same field in another language. */
  adopt(items) {
    for (const item of items) {
      this.items.push(item);
      this.show(item);
      if (item.id) item.bar.remove();
    }
  }

  progress(item, share) {
    item.bar.value = share;
    item.bar.setAttribute("aria-label", this.ui.words.say("photo_uploading", { number: item.number, percent: Math.round(share * 100) }));
  }

  remove(item) {
    this.drop(item);
    this.button.focus();
    this.ui.announcer.say(this.ui.words.say("photo_removed"));
    if (item.id) this.withdraw(item.id);
  }

  /** The server forgets a photo that is not sent; if it does not hear this, it forgets it with the conversation. */
  withdraw(id) {
    this.ui.chat.api.call("DELETE", `photos/${encodeURIComponent(id)}`).catch(() => {});
  }

  drop(item) {
    this.items = this.items.filter((other) => other !== item);
    item.element.remove();
    this.element.hidden = !this.items.length;
  }

  /** They went with a message. */
  sent() {
    this.items = [];
    refill(this.element);
    this.element.hidden = true;
  }
}
