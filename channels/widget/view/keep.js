/** Taking the conversation along: as a text file, or on paper. */

import { el } from "../dom.js";

const PAPER = "body{font:16px/1.4 arial,sans-serif;max-width:40em;margin:2em auto}pre{font:inherit;white-space:pre-wrap}";

async function transcript(chat) {
  return (await chat.api.fetch("GET", "transcript")).text();
}

/** Save the conversation as a text file. */
export async function save(ui) {
  const text = await transcript(ui.chat);
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const day = new Date().toISOString().slice(0, 10);
  el("a", { href: address, download: `chat-${day}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  ui.announcer.say(ui.words.say("saved"));
}

/** Print the conversation and nothing of the page around it: in a window of its own, opened at once, while the click still counts. */
export async function print(ui) {
  const paper = window.open("", "_blank");
  if (!paper) return window.print();
  const { words, chat } = ui;
  paper.document.title = words.say("title");
  paper.document.documentElement.lang = words.language;
  paper.document.documentElement.dir = words.direction;
  const sheet = new paper.CSSStyleSheet();
  sheet.replaceSync(PAPER);
  paper.document.adoptedStyleSheets = [sheet];
  try {
    paper.document.body.append(el("h1", {}, words.say("title")), el("pre", { dir: "auto" }, await transcript(chat)));
  } catch (problem) {
    paper.close();
    throw problem;
  }
  paper.addEventListener("afterprint", () => paper.close());
  paper.print();
}
