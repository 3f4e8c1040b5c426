/** The menu: a button that shows a list of further things to do. */

import { button, el, icon, refill } from "../dom.js";
import { continueByText } from "./phone.js";
import { print, save } from "./keep.js";
import { confirmed } from "./sheet.js";
import { link } from "./text.js";

export class Menu {
  /** @param {object} ui see view/panel.js */
  constructor(ui) {
    this.ui = ui;
    const { words } = ui;
    this.button = button(
      { class: "head-button", "aria-expanded": "false", "aria-controls": "menu", onclick: () => this.toggle() },
      icon("menu"),
      el("span", {}, words.say("menu")),
    );
    this.element = el("div", { class: "menu", id: "menu", hidden: true, onfocusout: (event) => this.left(event) });
  }

  get open() {
    return !this.element.hidden;
  }

  toggle() {
    if (this.open) return this.close();
    this.fill();
    this.element.hidden = false;
    const head = this.button.closest(".head").offsetHeight;
    this.element.style.insetBlockStart = `${head}px`;
    this.element.style.maxBlockSize = `calc(100% - ${head + 8}px)`;
    this.button.setAttribute("aria-expanded", "true");
    this.ui.panel.addEventListener("pointerdown", (this.away = (event) => this.pressed(event)));
  }

  /** @param {boolean} back whether the focus goes back to the menu's button */
  close(back = false) {
    if (!this.open) return;
    this.element.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.ui.panel.removeEventListener("pointerdown", this.away);
    if (back) this.button.focus();
  }

  left(event) {
    const to = event.relatedTarget;
    if (to && to !== this.button && !this.element.contains(to)) this.close();
  }

  pressed(event) {
    const path = event.composedPath();
    if (!path.includes(this.element) && !path.includes(this.button)) this.close();
  }

  fill() {
    const { ui } = this;
    const { words, chat } = ui;
    const begun = Boolean(chat.session);
    const going = chat.state !== "ended";
    const items = [
      (chat.state === "new" || chat.state === "open") && this.item("person", () => this.person()),
      begun && this.item("save", () => this.tried(save(ui))),
      begun && this.item("print", () => this.tried(print(ui))),
      going && this.item("by_text", () => continueByText(ui)),
      begun && going && this.item("end", () => this.end()),
      begun && this.item("delete", () => this.delete()),
      begun && this.item("forget", () => chat.forgetHere().then(() => ui.settleFocus())),
    ].filter(Boolean);
    const privacy = chat.config.privacy;
    if (privacy) items.push(link(privacy, words.say("new_tab"), words.say("privacy")));
    refill(this.element, el("ul", {}, ...items.map((item) => el("li", {}, item))), this.languages(), el("p", { class: "hint" }, words.say("call")));
  }

  item(key, act) {
    const choose = () => {
      this.close(true);
      act();
    };
    return button({ onclick: choose }, this.ui.words.say(key));
  }

  /** The languages of the interface, each in its own words. */
  languages() {
    const { words, chat } = this.ui;
    if (chat.config.languages.length < 2) return null;
    const one = ({ code, name, direction }) =>
      button(
        {
          lang: code,
          dir: direction,
          class: "language",
          "aria-pressed": String(code === words.language),
          onclick: () => this.tried(this.ui.speak(code)),
        },
        name,
      );
    return el("div", { class: "languages", role: "group", "aria-label": words.say("language") }, ...chat.config.languages.map(one));
  }

  person() {
    this.ui.composer.rest();
    this.ui.chat.outbox.add({ choice: "person" }, this.ui.words.say("person"));
  }

  /** Do it, and say so if it does not work. */
  tried(work) {
    work.catch((problem) => this.ui.composer.complain(problem.words(this.ui.words)));
  }

  end() {
    const { words, chat } = this.ui;
    const texts = { title: words.say("end_title"), why: words.say("end_why"), yes: words.say("end_confirm") };
    confirmed(this.ui, { ...texts, act: () => chat.end() });
  }

  delete() {
    const { words, chat } = this.ui;
    const texts = { title: words.say("delete_title"), why: words.say("delete_why"), yes: words.say("delete_confirm") };
    confirmed(this.ui, { ...texts, act: () => chat.delete() });
  }
}
