/** Going on by text message: the number, the code that was texted to it, done. */

import { button, el, onceAtATime } from "../dom.js";
import { textField } from "./sheet.js";

export function continueByText(ui) {
  askNumber(ui);
}

function askNumber(ui) {
  const { words, chat } = ui;
  const phone = textField(words, {
    id: "phone",
    label: words.say("phone_label"),
    hint: words.say("phone_hint"),
    type: "tel",
    autocomplete: "tel",
    inputmode: "tel",
  });
  const form = step(ui, [el("p", {}, words.say("by_text_why")), phone.element], words.say("phone_send"), async () => {
    if (!phone.input.value.trim()) return phone.wrong(words.say("phone_empty"));
    await chat.begin();
    askCode(ui, await chat.api.call("POST", "phone", { json: { phone: phone.input.value.trim() } }));
  }, phone);
  ui.sheet.show(words.say("by_text"), [form]);
}

function askCode(ui, { ending, minutes }) {
  const { words, chat } = ui;
  const code = textField(words, {
    id: "code",
    label: words.say("code_label"),
    type: "text",
    inputmode: "numeric",
    autocomplete: "one-time-code",
    maxlength: "12",
  });
  const sent = words.say("code_sent", { ending, minutes });
  const form = step(ui, [el("p", {}, sent), code.element], words.say("code_confirm"), async () => {
    const given = code.input.value.replace(/\s/g, "");
    if (!given) return code.wrong(words.say("code_empty"));
    done(ui, await chat.api.call("POST", "phone/code", { json: { code: given } }));
  }, code);
  const other = button({ class: "link", onclick: () => askNumber(ui) }, words.say("code_other"));
  ui.sheet.show(words.say("by_text"), [form, other]);
  ui.announcer.say(sent);
  code.input.focus();
}

function done(ui, { ending }) {
  const { words } = ui;
  const text = words.say("by_text_done", { ending });
  ui.sheet.show(words.say("by_text"), [el("p", {}, text)], { cancel: words.say("close") });
  ui.announcer.say(text);
}

/** A form of one field; what the server has against it stands beside the field. */
function step(ui, content, title, act, field) {
  const go = el("button", { class: "primary", type: "submit" }, title);
  const form = el("form", { novalidate: true }, ...content, go);
  const goOn = async () => {
    field.wrong("");
    try {
      await act();
    } catch (problem) {
      field.wrong(problem.words(ui.words));
    }
  };
  form.addEventListener("submit", onceAtATime(go, goOn));
  return form;
}
