/** The open chat: its head, the conversation, what is written, and the steps aside. */

import { button, el, focused, icon, refill } from "../dom.js";
import { Composer } from "./composer.js";
import { Menu } from "./menu.js";
import { Messages } from "./messages.js";
import { choosePlace, shareLocation } from "./place.js";
import { Ending } from "./rating.js";
import { Sheet } from "./sheet.js";

const ANSWER_TAKES = 2500; // ms; only then it is said that there will be one
const LOST_FOR = 5000; // ms; a shorter break, as when a server restarts, is nobody's concern
const SAID_FOR = 4000; // ms

/**
 * Makes the panel. What it returns is what the views call `ui`: words, chat, announcer, the views themselves, and a few verbs.
 * @param {{words: import("../words.js").Words, chat: import("../chat.js").Chat, announcer: object, page: boolean,
 *   seen: () => boolean, minimise: () => void, speak: (code: string) => Promise<void>}} given
 */
export function makePanel(given) {
  const { words, chat, page } = given;
  const ui = { ...given };
  ui.shareLocation = () => shareLocation(ui);
  ui.choosePlace = () => choosePlace(ui);
  ui.settleFocus = () => (ui.ending.element.hidden ? ui.composer.rest() : ui.ending.title.focus());
  ui.messages = new Messages(ui);
  ui.composer = new Composer(ui);
  ui.ending = new Ending(ui);
  ui.sheet = new Sheet(ui);
  ui.menu = new Menu(ui);
  ui.title = el(page ? "h1" : "h2", { id: "title", class: "title", tabindex: "-1" }, words.say("title"));
  ui.status = el("p", { class: "who" });
  ui.about = el("p", { class: "about", id: "about" });
  ui.connection = el("p", { class: "connection", role: "status" });
  ui.notice = el("p", { class: "notice", hidden: true });
  const minimise = !page && button({ class: "head-button", "aria-label": words.say("minimise"), onclick: given.minimise }, icon("down"));
  const drop = el("div", { class: "drop", "aria-hidden": "true" }, words.say("photo_drop"));
  ui.talk = el(
    "div",
    { class: "talk" },
    ui.about,
    ui.notice,
    el("div", { class: "view" }, ui.messages.element, ui.messages.newest),
    ui.connection,
    ui.composer.element,
    ui.ending.element,
    drop,
  );
  const names = el("div", { class: "names" }, ui.title, ui.status);
  const head = el("div", { class: "head" }, names, el("div", { class: "head-buttons" }, ui.menu.button, ui.menu.element, minimise));
  const role = page ? { role: "region" } : { role: "dialog", "aria-modal": "false", "aria-describedby": "about" };
  ui.panel = el("div", { class: "panel", "aria-labelledby": "title", ...role }, head, ui.talk, ui.sheet.element);
  ui.panel.addEventListener("keydown", (event) => escape(ui, event));
  acceptDrops(ui);
  ui.stop = follow(ui);
  ui.messages.rebuild();
  state(ui, false);
  return ui;
}

/** Escape takes one step back: out of the menu, out of a step aside, out of the chat. */
function escape(ui, event) {
  if (event.key !== "Escape" || event.isComposing) return;
  event.stopPropagation();
  event.preventDefault();
  if (ui.menu.open) ui.menu.close(true);
  else if (ui.sheet.open) ui.sheet.close();
  else ui.minimise();
}

/** Show what happens in the conversation, until the panel is made anew. */
function follow(ui) {
  const { chat, words, announcer } = ui;
  const until = new AbortController();
  const on = (type, listener) => chat.addEventListener(type, (event) => listener(event.detail), { signal: until.signal });
  on("message", ({ message, fresh }) => {
    refill(ui.notice);
    ui.notice.hidden = true;
    ui.messages.add(message, fresh);
  });
  on("outbox", () => ui.messages.pending(chat.outbox.items));
  on("state", () => state(ui, true));
  on("typing", () => typing(ui));
  on("live", () => connection(ui));
  on("reset", ({ notice }) => {
    ui.messages.rebuild();
    state(ui, false);
    ui.sheet.close({ settle: true });
    connection(ui);
    ui.notice.hidden = !notice;
    refill(ui.notice, notice && words.say(notice));
    announcer.say(notice && words.say(notice));
  });
  on("trouble", ({ problem, item }) => {
    if (problem.kind === "refused") ui.composer.giveBack(item, problem.words(words));
    else announcer.say(`${words.say("not_sent")}. ${problem.words(words)}`); // it stands in the message too
  });
  const online = () => connection(ui);
  addEventListener("online", online, { signal: until.signal });
  addEventListener("offline", online, { signal: until.signal });
  return () => until.abort();
}

/** Who is at the other end now. */
function state(ui, aloud) {
  const { chat, words, announcer } = ui;
  const ended = chat.state === "ended";
  const key = { waiting: "waiting", with_staff: "with_staff", ended: "ended" }[chat.state];
  const who = chat.session?.by ? words.say("with_person", { by: chat.session.by }) : key && words.say(key);
  refill(ui.status, who || chat.config.assistant);
  ui.panel.dataset.state = chat.state;
  const hint = { waiting: "waiting_hint", with_staff: null }; // the head says who answers
  refill(ui.about, words.say(chat.state in hint ? hint[chat.state] : "automated"), " ", words.say("danger"));
  const had = ui.composer.element.contains(focused());
  const comes = ended && (had || ui.sheet.open); // the focus comes to the words that say it
  if (aloud && key && !comes) announcer.say(`${who}. ${chat.state === "waiting" ? words.say("waiting_hint") : ""}`);
  ui.composer.element.hidden = ended;
  if (ended) ui.messages.dropChoices();
  if (ended) ui.ending.show();
  else ui.ending.hide();
  if (had && ended) ui.ending.title.focus();
}

function typing(ui) {
  const { chat, words, announcer } = ui;
  ui.messages.type();
  clearTimeout(ui.answering);
  if (chat.typing && chat.state !== "with_staff") ui.answering = setTimeout(() => announcer.say(words.say("answering")), ANSWER_TAKES);
}

/** Say that the connection is lost for some time, and when it is back; its own status element speaks. */
function connection(ui) {
  const { chat, words, connection: line } = ui;
  clearTimeout(ui.breaking);
  const say = (lost) => {
    if (lost === (line.dataset.lost ?? "")) return;
    line.dataset.lost = lost;
    refill(line, words.say(lost || "connected"));
    if (!lost) setTimeout(() => line.dataset.lost || refill(line), SAID_FOR);
  };
  if (!navigator.onLine) say("offline");
  else if (chat.live) say("");
  else ui.breaking = setTimeout(() => say("reconnecting"), LOST_FOR);
}

/** Pictures can be dropped anywhere on the conversation; the button does the same. */
function acceptDrops(ui) {
  const { talk, composer } = ui;
  let depth = 0;
  const over = (more) => talk.classList.toggle("dropping", (depth = Math.max(0, depth + more)) > 0);
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files") && !composer.element.hidden;
  talk.addEventListener("dragenter", (event) => carriesFiles(event) && over(1));
  talk.addEventListener("dragleave", (event) => carriesFiles(event) && over(-1));
  talk.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  talk.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    over(-depth);
    composer.photos.take([...event.dataTransfer.files]);
  });
}
