/** Messages on their way: one after the other, each kept until it has arrived, each with its own client_id so that it never arrives twice. */

import { uuid } from "./dom.js";
import { pauseBefore } from "./stream.js";

const SHORT = 5; // seconds; who is asked to wait no longer than this waits and says nothing
const KEPT = 30 * 60 * 1000; // ms; what was not sent for longer is not offered again

export class Outbox {
  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) {
    this.chat = chat;
    // What an earlier page of this tab had not sent; whether it arrived will be seen from the conversation.
    const recent = chat.store.unsent.filter((item) => Date.now() - item.at < KEPT);
    this.items = recent.map((item) => ({ ...item, status: "failed" }));
    this.busy = false;
    this.tries = 0;
    addEventListener("online", () => this.again());
  }

  /**
   * Send a message.
   * @param {{text?: string, choice?: string, location?: object, photos?: string[]}} body
   * @param {string} shown what the citizen sees until the server's own words are there
   */
  add(body, shown) {
    const item = { client_id: uuid(), body, shown, at: Date.now(), status: "sending" };
    this.items.push(item);
    this.changed();
    this.pump();
    return item;
  }

  retry(item) {
    item.status = "sending";
    this.changed();
    this.pump();
  }

  /** The connection may be back: send what it kept from going. */
  again() {
    clearTimeout(this.later);
    const lost = this.items.filter((item) => item.status === "failed" && item.lost);
    if (!lost.length) return;
    for (const item of lost) item.status = "again"; // it still looks unsent: buttons that come and go could not be pressed
    this.pump();
  }

  discard(item) {
    this.items = this.items.filter((other) => other !== item);
    this.changed();
  }

  clear() {
    this.items = [];
    this.changed();
  }

  /** What a message of the conversation was while it was on its way, if it was sent from here. */
  recognise(message) {
    const item = this.items.find((one) => plain(one.client_id) === plain(message.client_id) || one.id === message.id);
    if (item) message.client_id = item.client_id;
    return item;
  }

  changed() {
    this.chat.store.unsent = this.items.map(({ client_id, body, shown, at }) => ({ client_id, body, shown, at }));
    this.chat.tell("outbox");
  }

  async pump() {
    if (this.busy) return;
    this.busy = true;
    for (let item; (item = this.items.find(leaving)); ) await this.send(item);
    this.busy = false;
  }

  async send(item, tries = 1) {
    try {
      await this.chat.begin();
      const { id } = await this.chat.api.call("POST", "messages", { json: { ...item.body, client_id: item.client_id } });
      item.id = id;
      item.status = "sent";
      this.tries = 0;
      if (id <= this.chat.last) this.discard(item); // its event was faster than the answer
      else this.changed();
    } catch (problem) {
      if (problem.kind === "gone" && tries === 1) {
        this.chat.gone();
        return this.send(item, 2);
      }
      if (problem.wait && problem.wait <= SHORT && tries < 5) {
        await new Promise((resolve) => setTimeout(resolve, problem.wait * 1000));
        return this.send(item, tries + 1);
      }
      this.failed(item, problem);
    }
  }

  failed(item, problem) {
    const told = item.lost;
    if (problem.kind === "refused") {
      this.discard(item);
    } else {
      const lost = problem.kind === "network" || problem.status >= 500; // it comes back without the citizen's doing
      const stuck = this.items.filter((one) => leaving(one) && (lost || one === item));
      for (const one of stuck) Object.assign(one, { status: "failed", lost, problem });
      this.changed();
      if (lost) this.later = setTimeout(() => this.again(), Math.max(problem.wait * 1000, pauseBefore(this.tries++)));
      if (lost && told) return; // once is enough
    }
    this.chat.tell("trouble", { problem, item });
  }
}

function leaving(item) {
  return item.status === "sending" || item.status === "again";
}

// The server may write a UUID without its dashes.
function plain(identity) {
  return identity?.replaceAll("-", "");
}
