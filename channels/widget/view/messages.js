/** The conversation as a list: what was said, by whom and when, the choices of the newest answer, what is on its way. */

import { button, el, focused, icon, refill } from "../dom.js";
import { bubble, choicesOf, stamp } from "./message.js";

const NEAR = 80; // pixels from the end that still count as reading the newest

export class Messages {
  /** @param {object} ui see view/panel.js */
  constructor(ui) {
    this.ui = ui;
    const { words } = ui;
    this.list = el("ol", { class: "messages" });
    this.typing = el("div", { class: "typing", "aria-hidden": "true", hidden: true }, el("i"), el("i"), el("i"));
    this.element = el(
      "div",
      { class: "log", role: "log", "aria-live": "off", "aria-label": words.say("messages"), tabindex: "0", onscroll: () => this.scrolled() },
      this.list,
      this.typing,
    );
    this.newest = button({ class: "newest", hidden: true, onclick: () => this.toNewest() }, icon("down"), words.say("newest"));
    this.shown = new Map(); // client_id or id → its <li>
    this.close = true; // whether the newest is being read
    // A screen that is turned, a field that grows: who was at the end stays there.
    new ResizeObserver(() => this.close && this.toEnd()).observe(this.element);
    this.day = "";
  }

  /** Everything anew; nothing of it is announced. */
  rebuild() {
    refill(this.list);
    this.shown.clear();
    this.day = "";
    const { messages, outbox, config } = this.ui.chat;
    if (!messages.length) this.append({ id: 0, author: "bot", ...config.greeting }, null);
    for (const message of messages) this.append(message, new Date(message.at));
    this.pending(outbox.items);
    this.type();
    this.toEnd();
  }

  /** A message of the conversation. */
  add(message, fresh) {
    if (message.id === this.ui.chat.messages[0]?.id) return this.rebuild(); // the greeting's picture becomes the greeting
    const own = message.author === "citizen";
    const close = this.near();
    const item = this.shown.get(message.client_id);
    if (item) this.arrived(item, message);
    else this.append(message, new Date(message.at));
    if (fresh && !own && this.ui.seen()) this.announce(message); // else it is told when somebody looks
    if (own || close) this.toEnd();
    else this.newest.hidden = false;
  }

  append(message, date) {
    if (message.author === "citizen" || message.choices?.length) this.dropChoices();
    if (date) this.separate(date);
    const item = bubble(this.ui, message, date);
    if (message.choices?.length && this.ui.chat.state !== "ended") item.append(this.choices(message));
    this.list.insertBefore(item, this.firstPending());
    this.shown.set(message.client_id ?? message.id, item);
  }

  /** What the citizen sent is in the conversation: only its time and words change, so that nothing jumps. */
  arrived(item, message) {
    if (item.contains(focused())) this.ui.composer.rest();
    const fresh = bubble(this.ui, message, new Date(message.at));
    item.className = fresh.className;
    refill(item, ...fresh.childNodes);
    stamp(item, this.ui.words.say("sent"));
    if (this.ui.seen()) this.ui.announcer.say(this.ui.words.say("sent"));
  }

  /** A line for each day. */
  separate(date) {
    const day = this.ui.words.day(date);
    if (day === this.day) return;
    this.day = day;
    this.list.insertBefore(el("li", { class: "day" }, el("span", {}, day)), this.firstPending());
  }

  firstPending() {
    return this.list.querySelector(".pending");
  }

  /** What is on its way or has not been sent. */
  pending(items) {
    const gone = [...this.list.querySelectorAll(".pending")].filter((li) => !items.some((item) => this.shown.get(item.client_id) === li));
    for (const li of gone) {
      if (li.contains(focused())) this.ui.composer.focus();
      li.remove();
    }
    for (const item of items) this.showPending(item);
  }

  showPending(item) {
    let li = this.shown.get(item.client_id);
    if (!li) {
      this.dropChoices();
      this.separate(new Date(item.at));
      li = bubble(this.ui, { author: "citizen", text: item.shown, photos: [] }, new Date(item.at));
      li.classList.add("pending");
      this.list.append(li);
      this.shown.set(item.client_id, li);
      this.toEnd();
    }
    if (!li.classList.contains("pending")) return;
    const status = item.status === "again" ? "failed" : item.status;
    const failed = status === "failed";
    li.classList.toggle("failed", failed);
    if (li.dataset.status === status) return;
    li.dataset.status = status;
    const { words, chat, composer } = this.ui;
    const again = () => {
      composer.focus();
      chat.outbox.retry(item);
    };
    const retry = button({ class: "small", onclick: again }, words.say("try_again"));
    const drop = button({ class: "small", onclick: () => chat.outbox.discard(item) }, words.say("discard"));
    const shown = words.say({ sending: "sending", sent: "sent", failed: "not_sent" }[status]);
    const why = item.problem && el("p", {}, item.problem.words(words));
    stamp(li, shown, failed && el("div", { class: "retry" }, why, retry, drop));
    if (failed) this.toEnd();
  }

  choices(message) {
    return choicesOf(this.ui.words.say("choices"), message.choices, (choice) => {
      this.dropChoices();
      this.ui.composer.rest();
      this.ui.chat.outbox.add({ choice: choice.id }, choice.title);
    });
  }

  /** Choices of an answered question go; the focus is never lost with them. */
  dropChoices() {
    for (const old of this.list.querySelectorAll(".choices")) {
      if (old.contains(focused())) this.ui.composer.rest();
      old.remove();
    }
  }

  announce(message) {
    const { words, announcer } = this.ui;
    const offered = (message.choices ?? []).map((choice) => choice.title).join(", ");
    announcer.say(`${words.author(message)}: ${message.text}${offered ? ` ${words.say("choices")}: ${offered}` : ""}`);
  }

  type() {
    const close = this.near();
    this.typing.hidden = !this.ui.chat.typing;
    if (close) this.toEnd();
  }

  near() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  scrolled() {
    this.close = this.near();
    if (this.close) this.newest.hidden = true;
  }

  /** Scroll to the end; of a message that is taller than the list show its beginning. */
  toEnd() {
    const { element } = this;
    const item = this.list.lastElementChild;
    element.scrollTop = element.scrollHeight;
    if (item && item.offsetHeight > element.clientHeight) element.scrollTop = item.offsetTop - 8;
    this.newest.hidden = true;
  }

  toNewest() {
    this.toEnd();
    this.element.focus();
  }
}
