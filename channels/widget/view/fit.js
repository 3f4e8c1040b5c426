/** Keeps the panel within what can be seen: above the keyboard of a phone, and out of the way of the page's own focus. */

import { focused } from "../dom.js";

const FILLS = matchMedia("(max-width: 480px)"); // as in the styles: the panel covers the page

export function keepInView(chat) {
  if (chat.page) return;
  fitKeyboard(chat);
  // Where the panel covers the whole page, going on with Tab into the page leaves the chat: the focus must be seen.
  chat.addEventListener("focusout", (event) => {
    const to = event.relatedTarget;
    if (to && FILLS.matches && !chat.contains(to) && to !== chat) chat.minimise();
  });
  // Where it covers a part of it, Escape uncovers what has the focus.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && chat.isOpen && covered(chat)) chat.minimise();
  });
}

/** The visible part of the page shrinks when a phone shows its keyboard; fixed things do not know. */
function fitKeyboard(chat) {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    // Enlarged with two fingers the page is larger than the screen, and moving the panel along would make it unreadable.
    const own = view.scale < 1.1;
    chat.style.setProperty("--hearback-height", own ? `${view.height}px` : "100dvh");
    chat.style.setProperty("--hearback-top", own ? `${view.offsetTop}px` : "0px");
  };
  view.addEventListener("resize", fit);
  view.addEventListener("scroll", fit);
  fit();
}

function covered(chat) {
  const has = focused();
  if (!has || has === document.body || chat.shadowRoot.contains(has)) return false;
  const { left, top, width, height } = has.getBoundingClientRect();
  return document.elementFromPoint(left + width / 2, top + height / 2) === chat;
}
