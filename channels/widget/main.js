/** `<script src="…/widget.js" defer>`: puts the chat on the page, once, however many such scripts there are. */

import { HearbackChat } from "./element.js";
import { PAGE } from "./settings.js";

const NAME = "hearback-chat";

function place() {
  if (document.querySelector(NAME)) return;
  const chat = document.createElement(NAME);
  const plain = PAGE && document.getElementById("plain");
  if (plain) {
    chat.setAttribute("page", "");
    plain.before(chat); // it takes the plain chat away once it has all that it needs
  } else {
    document.body.append(chat);
  }
}

if (!customElements.get(NAME)) {
  customElements.define(NAME, HearbackChat);
  if (document.body) place();
  else document.addEventListener("DOMContentLoaded", place);
}
