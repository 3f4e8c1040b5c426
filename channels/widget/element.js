/** `<hearback-chat>`: the launcher and the panel in a tree of their own, so that neither the page's styles nor ours reach the other's. */

import styles from "../static/built/widget.css";
import { Api } from "./api.js";
import { Chat } from "./chat.js";
import { addStyles, el, focused, refill } from "./dom.js";
import { BASE, COLOURS, earlyWords, firstLanguage } from "./settings.js";
import { Store } from "./store.js";
import { Announcer } from "./view/announcer.js";
import { keepInView } from "./view/fit.js";
import { Launcher } from "./view/launcher.js";
import { makePanel } from "./view/panel.js";
import { Plain } from "./view/plain.js";
import { Waiting } from "./view/waiting.js";
import { fill, Words } from "./words.js";

const FINE = matchMedia("(pointer: fine)");

export class HearbackChat extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    this.page = this.hasAttribute("page");
    this.store = new Store();
    this.chat = new Chat(new Api(BASE, this.store), this.store);
    this.announcer = new Announcer();
    this.frame = el("div", { class: "frame", hidden: true });
    this.launcher = new Launcher(() => this.open());
    // A landmark of its own, unless it stands in the page's.
    const given = this.page ? { class: "root page" } : { class: "root", role: "complementary" };
    this.root = el("div", given, this.page ? null : this.launcher.element, this.frame, this.announcer.element);
    this.speakEarly(firstLanguage(this.page ? null : this.store.language));
    const shadow = this.attachShadow({ mode: "open" });
    addStyles(shadow, styles);
    shadow.append(this.root);
    if (COLOURS) this.colour(COLOURS);
    this.chat.addEventListener("message", ({ detail }) => this.count(detail));
    this.chat.addEventListener("reset", () => this.count({}));
    document.addEventListener("visibilitychange", () => this.look());
    addEventListener("storage", () => this.count({})); // read in another tab
    keepInView(this);
    this.begin();
  }

  /** On the page itself the chat is there at once; elsewhere when it was open on the page before, or a conversation goes on. */
  begin() {
    if (this.page) this.takeOver();
    else if (this.store.open) this.open({ focus: false });
    else if (this.store.conversation) this.load().catch(() => {}); // its launcher works; the citizen hears more on opening it
  }

  /** Replace what stands on the page without JavaScript, once all is there to do so. */
  async takeOver() {
    const plain = new Plain(document.getElementById("plain"));
    try {
      await this.load();
    } catch {
      return; // the plain page goes on working
    }
    if (plain.leaving) return;
    this.show();
    plain.handOver(this.ui.composer);
  }

  /** Fetch the configuration and the conversation, once, and make the panel. */
  load() {
    this.loading ??= this.fetchAll().catch((problem) => {
      this.loading = null;
      throw problem;
    });
    return this.loading;
  }

  async fetchAll() {
    await this.chat.configure(this.language);
    if (this.store.conversation || this.begunWithoutScript()) await this.chat.resume();
    this.dress();
  }

  /** Whether the page shows a conversation that was begun on it without JavaScript. */
  begunWithoutScript() {
    return this.page && Number(document.querySelector("#plain [data-last]")?.dataset.last) > 0;
  }

  /** Make the panel from the configuration. */
  dress() {
    const words = new Words(this.chat.config);
    this.language = words.language;
    this.lang = words.language;
    this.root.dir = words.direction;
    this.colour(this.chat.config.colours);
    const photos = this.ui?.composer.photos.items ?? [];
    this.ui?.stop();
    this.ui = makePanel({
      words,
      chat: this.chat,
      announcer: this.announcer,
      page: this.page,
      seen: () => this.seen,
      minimise: () => this.minimise(),
      speak: (code) => this.speak(code),
    });
    this.ui.composer.photos.adopt(photos);
    refill(this.frame, this.ui.panel);
    this.look();
  }

  /** Change the interface's language; on our own page the page's too. */
  async speak(code) {
    if (this.page) {
      await fetch(`${BASE}/chat/language`, { method: "POST", redirect: "manual", body: new URLSearchParams({ language: code }) });
      return location.reload();
    }
    await this.chat.configure(code);
    this.store.language = code;
    this.dress();
    this.ui.messages.toEnd();
    this.ui.menu.button.focus();
    this.chat.wish(code);
  }

  speakEarly(code) {
    this.language = code;
    const { direction, words } = earlyWords(code);
    this.early = words;
    if (code) this.lang = code;
    this.root.dir = direction;
    this.count({});
  }

  get isOpen() {
    return !this.frame.hidden;
  }

  /** Whether the conversation is before the citizen's eyes. */
  get seen() {
    return Boolean(this.ui) && this.isOpen && !document.hidden;
  }

  get unread() {
    return this.chat.messages.filter((message) => message.author !== "citizen" && message.id > this.store.read);
  }

  /** What came while nobody looked is told when somebody does. */
  look() {
    if (this.seen && this.store.read) for (const message of this.unread) this.ui.messages.announce(message);
    this.count({});
  }

  async open({ focus = true } = {}) {
    this.store.open = true;
    if (!this.ui) {
      this.waiting ??= new Waiting(this.early, () => this.minimise());
      refill(this.frame, this.waiting.element);
      this.waiting.load();
      this.show();
      if (focus) this.waiting.element.focus();
      try {
        await this.load();
      } catch {
        return this.waiting.failed(() => this.open());
      }
      focus = this.isOpen && (focus || this.shadowRoot.activeElement !== null);
    }
    this.show();
    if (focus) this.focusInside();
  }

  show() {
    if (!this.store.open && !this.page) return; // closed while it was loading
    this.frame.hidden = false;
    this.launcher.element.hidden = true;
    this.ui?.messages.toEnd();
    this.look();
    this.chat.listen();
    if (this.ui && !this.page && !this.chat.session) this.greet();
  }

  /** The greeting of a chat that has not begun is as new as a message. */
  greet() {
    if (this.greeted) return;
    this.greeted = true;
    this.ui.messages.announce({ author: "bot", ...this.chat.config.greeting });
  }

  /** The field where there is a keyboard; on a phone, where its keyboard would cover the greeting, the heading. */
  focusInside() {
    const { ui } = this;
    if (ui.sheet.open) ui.sheet.focus();
    else if (FINE.matches) ui.settleFocus();
    else ui.title.focus();
  }

  /** Back to the launcher; the conversation goes on. The focus moves only if it was in here. */
  minimise() {
    if (this.page || !this.isOpen) return;
    const inside = this.frame.contains(focused());
    this.store.open = false;
    this.frame.hidden = true;
    this.launcher.element.hidden = false;
    if (inside) this.launcher.element.focus();
    this.count({});
  }

  /** What is seen is read; what comes while nobody looks is counted on the launcher. */
  count({ fresh = false }) {
    if (this.seen) this.store.read = this.chat.last;
    const unread = this.unread.length;
    const words = this.ui ? this.chat.config.words : this.early;
    const said = fill(words.unread, { count: unread });
    this.launcher.show({ launcher: words.launcher, unread: said }, unread);
    if (!this.page) this.root.setAttribute("aria-label", words.launcher);
    if (fresh && unread && !this.isOpen) this.announcer.say(said);
  }

  colour({ accent, on_accent, accent_dark, on_accent_dark }) {
    for (const [name, value] of Object.entries({ accent, "on-accent": on_accent, "accent-dark": accent_dark, "on-accent-dark": on_accent_dark })) {
      if (value) this.style.setProperty(`--hearback-${name}`, value);
    }
  }
}
