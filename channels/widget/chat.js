/**
 * The conversation as this page knows it: what was said, what state it is in, what is being sent. It tells the views by events:
 * "message" {message, fresh}, "state", "typing", "live", "outbox", "reset" {notice?} and "trouble" {problem, item}.
 */

import { Outbox } from "./outbox.js";
import { Stream } from "./stream.js";

const GONE = ["erasing", "erased"];
const PAGE = 100; // fewer messages than this at once are the last ones

export class Chat extends EventTarget {
  /**
   * @param {import("./api.js").Api} api
   * @param {import("./store.js").Store} store
   */
  constructor(api, store) {
    super();
    Object.assign(this, { api, store, config: null, live: true });
    this.clear();
    this.outbox = new Outbox(this);
    this.stream = new Stream(api, {
      last: () => this.last,
      event: (name, data) => this.heard(name, data),
      live: (live) => this.connected(live),
      gone: () => this.gone(),
    });
    store.onOtherTab((conversation) => this.follow(conversation));
    addEventListener("pagehide", () => this.stream.stop()); // an open connection would keep the page out of the back button's cache
    addEventListener("pageshow", (event) => event.persisted && this.listen());
  }

  clear() {
    this.session = null;
    this.messages = [];
    this.last = 0;
    this.typing = false;
    this.photos = new Map(); // pictures of this page's citizen by id, so that they need not be fetched again
  }

  tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  get state() {
    return this.session?.state ?? "new";
  }

  /** What the widget shows, in this language. */
  async configure(language) {
    this.config = await this.api.call("GET", `config${language ? `?language=${encodeURIComponent(language)}` : ""}`);
    return this.config;
  }

  /** Take up the conversation that this browser has; false if there is none any more. */
  async resume() {
    let session;
    try {
      session = await this.api.call("GET", "session");
      for (let page = null; page === null || page.length >= PAGE; ) {
        page = (await this.api.call("GET", `messages?after=${this.last}`)).messages;
        for (const message of page) this.take(message, false);
      }
    } catch (problem) {
      if (problem.kind !== "gone") throw problem;
      this.store.forget();
      return false;
    }
    this.store.keep(session.conversation, null);
    this.settle(session);
    this.listen();
    return true;
  }

  /** Begin a conversation, unless another tab has just begun one. */
  async begin() {
    if (this.session) return;
    await alone("hearback:begin", async () => {
      if (this.session || (this.store.conversation && (await this.resume()))) return;
      const { conversation, token, messages } = await this.api.call("POST", "sessions", { json: { language: this.config.language } });
      this.store.keep(conversation, this.api.own ? null : token);
      this.settle({ conversation, state: "open", language: this.config.language, rated: false });
      for (const message of messages) this.take(message, false);
      this.store.read = this.last; // the greeting was seen before there was a conversation
    });
    this.listen();
  }

  /** Listen to the events, unless nothing can happen any more. */
  listen() {
    if (this.session && this.state !== "ended") this.stream.start();
  }

  heard(name, data) {
    if (name === "message") this.take(data, true);
    if (name === "state") this.settle(data);
    if (name === "typing") this.type(data.typing);
  }

  /** A message that is not here yet. `fresh`: it was said while the citizen is here. */
  take(message, fresh) {
    if (message.id <= this.last) return;
    this.last = message.id;
    this.messages.push(message);
    const item = this.outbox.recognise(message);
    if (message.author !== "citizen") this.type(false);
    this.tell("message", { message, fresh }); // before it leaves the outbox, so that it stays where it is
    if (item) this.outbox.discard(item);
  }

  settle(session) {
    const before = this.state;
    const by = this.session?.by;
    if (GONE.includes(session.state)) return this.forget("deleted"); // in another tab
    this.session = session;
    if (session.state === "ended") this.stream.stop();
    if (before !== session.state || by !== session.by) this.tell("state", { before });
  }

  type(typing) {
    if (this.typing === typing) return;
    this.typing = typing;
    this.tell("typing");
  }

  connected(live) {
    if (this.live === live) return;
    this.live = live;
    if (live) this.outbox.again();
    else this.type(false);
    this.tell("live");
  }

  /** Nothing opens the conversation any more: a new one begins with the next message. */
  gone() {
    this.forget("expired");
  }

  /** Another tab began, replaced or forgot the conversation. */
  async follow(conversation) {
    if (conversation === (this.session?.conversation ?? null)) return;
    this.leave();
    if (conversation) await this.resume().catch(() => this.forget("expired"));
  }

  /** Forget the conversation here; `notice` names the words that say why. */
  forget(notice) {
    this.store.forget();
    this.leave(notice);
  }

  leave(notice) {
    this.stream.stop();
    this.clear();
    this.live = true;
    this.tell("reset", { notice });
  }

  /** Ask the assistant to speak this language, by its name, as a citizen would. */
  wish(code) {
    const wished = this.config.languages.find((one) => one.code === code);
    if (["open", "waiting"].includes(this.state) && this.session.language !== code) this.outbox.add({ text: wished.name }, wished.name);
  }

  async end() {
    const { state } = await this.api.call("POST", "end");
    this.settle({ ...this.session, state });
  }

  async delete() {
    const kept = await this.api.call("DELETE", "session");
    if (kept) return this.resume(); // the law asks to keep it for now, which is said in the chat
    this.outbox.clear();
    this.forget("deleted");
  }

  /** For a shared computer: nothing is deleted, but this browser cannot open it again. */
  async forgetHere() {
    if (this.api.own) await fetch(`${this.api.base}/chat/leave`, { method: "POST", redirect: "manual" });
    this.outbox.clear();
    this.forget();
  }
}

/** Do this while no other tab does it, where the browser can tell. */
function alone(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}
