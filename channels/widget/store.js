/**
 * What this browser keeps: which conversation there is, what was read, what has not been sent yet.
 * On our own pages the token is in a cookie that scripts cannot read; only pages of other origins keep it here.
 */

const PREFIX = "hearback:";

export class Store {
  constructor() {
    this.memory = new Map(); // where the browser allows no storage, a chat lasts as long as its page
    this.lasting = working("localStorage");
    this.passing = working("sessionStorage");
  }

  /** The conversation's id, or null. It opens nothing. */
  get conversation() {
    return this.get(this.lasting, "conversation");
  }

  get token() {
    return this.get(this.lasting, "token");
  }

  set token(token) {
    this.set(this.lasting, "token", token);
  }

  /** @param {string|null} token null on our own pages */
  keep(conversation, token) {
    if (token) this.token = token;
    if (this.conversation !== conversation) {
      this.set(this.lasting, "read", null);
      this.set(this.lasting, "conversation", conversation);
    }
  }

  forget() {
    for (const name of ["token", "read", "conversation"]) this.set(this.lasting, name, null);
  }

  /** The id of the last message that the citizen had before their eyes. */
  get read() {
    return Number(this.get(this.lasting, "read") ?? 0);
  }

  set read(id) {
    if (id > this.read) this.set(this.lasting, "read", id);
  }

  get language() {
    return this.get(this.lasting, "language");
  }

  set language(code) {
    this.set(this.lasting, "language", code);
  }

  /** Messages of this tab that have not been sent. */
  get unsent() {
    try {
      return JSON.parse(this.get(this.passing, "unsent") ?? "[]");
    } catch {
      return [];
    }
  }

  set unsent(items) {
    this.set(this.passing, "unsent", items.length ? JSON.stringify(items) : null);
  }

  /** What is written in the field and not sent. */
  get draft() {
    return this.get(this.passing, "draft") ?? "";
  }

  set draft(text) {
    this.set(this.passing, "draft", text || null);
  }

  /** Whether the panel is open in this tab, so that it is on the next page too. */
  get open() {
    return this.get(this.passing, "open") === "yes";
  }

  set open(open) {
    this.set(this.passing, "open", open ? "yes" : null);
  }

  /** Call back when another tab begins, replaces or forgets a conversation. */
  onOtherTab(listener) {
    addEventListener("storage", (event) => {
      if (event.key === `${PREFIX}conversation` || event.key === null) listener(this.conversation);
    });
  }

  get(storage, name) {
    const key = PREFIX + name;
    return storage ? storage.getItem(key) : (this.memory.get(key) ?? null);
  }

  set(storage, name, value) {
    const key = PREFIX + name;
    if (value === null) {
      this.memory.delete(key);
      storage?.removeItem(key);
      return;
    }
    this.memory.set(key, String(value));
    try {
      storage?.setItem(key, String(value));
    } catch {
      // Full: it is in memory at least.
    }
  }
}

/** The storage of this name where the browser lets us use it. */
function working(name) {
  try {
    const storage = window[name];
    storage.setItem(`${PREFIX}try`, "1");
    storage.removeItem(`${PREFIX}try`);
    return storage;
  } catch {
    return null;
  }
}
