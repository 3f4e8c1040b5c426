/** One message: its author and time, its text, its photos, its choices. */

import { button, el, refill } from "../dom.js";
import { sentPicture } from "./picture.js";
import { marked } from "./text.js";

/**
 * @param {object} ui
 * @param {object} message
 * @param {Date|null} date null for the greeting of a chat that has not begun
 */
export function bubble({ words, chat }, message, date) {
  const own = message.author === "citizen";
  const time = date && el("time", { datetime: date.toISOString() }, words.time(date));
  const author = el("span", { class: "author", dir: "auto" }, words.author(message));
  const meta = el("p", { class: "meta" }, author, " ", time, el("span", { class: "status" }));
  const how = { newTab: words.say("new_tab"), calls: !own };
  const text = message.text && el("p", { class: "text", dir: "auto" }, ...marked(message.text, how));
  const photos = (message.photos ?? []).map((photo, place) => sentPicture(chat, photo, words.say("photo_number", { number: place + 1 })));
  const body = el("div", { class: "bubble" }, text, photos.length ? el("div", { class: "pictures" }, ...photos) : null);
  return el("li", { class: `message ${own ? "sent" : "received"} ${message.author}` }, meta, body);
}

/** Write a message's status beside its time, and something below the message. */
export function stamp(item, status, below) {
  refill(item.querySelector(".status"), ` ${status}`);
  item.querySelector(".retry")?.remove();
  if (below) item.append(below);
}

/** The choices that a message offers, as buttons. */
export function choicesOf(label, choices, choose) {
  const buttons = choices.map((choice) => button({ class: "choice", dir: "auto", onclick: () => choose(choice) }, choice.title));
  return el("div", { class: "choices", role: "group", "aria-label": label }, ...buttons);
}
