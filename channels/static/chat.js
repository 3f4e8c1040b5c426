// Makes the chat page live: sends without leaving the page, shows answers as they come. Without it the page's forms do the same.
"use strict";

const list = document.getElementById("messages");
const form = document.getElementById("form");
const field = document.getElementById("text");
const notices = document.getElementById("notices");
const problem = document.getElementById("text-error");
const longest = Number(form.dataset.longest);
let last = Number(list.dataset.last);
let events = null;
let greeting = [];

document.querySelector("[data-error-summary]")?.focus();

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

function choices(message) {
  const made = element("form", "hb-choices");
  made.method = "post";
  made.action = "/chat";
  for (const choice of message.choices) {
    const button = element("button", "govuk-button govuk-button--secondary", choice.title);
    button.name = "choice";
    button.value = choice.id;
    made.append(button);
  }
  return made;
}

function show(message) {
  if (message.id <= last) return;
  last = message.id;
  const sent = message.author === "citizen";
  for (const old of list.querySelectorAll(".hb-choices")) {
    if (old.contains(document.activeElement)) field.focus();
    old.remove();
  }
  document.getElementById("latest")?.removeAttribute("id");
  const item = element("li", `hb-message hb-message--${sent ? "sent" : "received"}`);
  item.id = "latest";
  item.dataset.id = message.id;
  const meta = element("div", "hb-message__meta");
  const who = sent ? "You" : message.author === "staff" ? "Our team" : "Assistant";
  meta.append(element("span", "hb-message__author", who));
  const time = element("time", "", new Date(message.at).toLocaleTimeString("en-GB", { hour: "numeric", minute: "2-digit", hour12: true }));
  time.dateTime = message.at;
  meta.append(" ", time);
  item.append(meta, element("p", "hb-message__text", message.text));
  if (message.choices.length) item.append(choices(message));
  list.append(item);
  item.scrollIntoView({ block: "nearest" });
  if (!sent) notices.textContent = "";
}

function complain(sentence) {
  problem.textContent = sentence;
  problem.hidden = !sentence;
  field.classList.toggle("govuk-textarea--error", Boolean(sentence));
  form.firstElementChild.nextElementSibling.classList.toggle("govuk-form-group--error", Boolean(sentence));
}

function listen() {
  if (events) return;
  events = new EventSource(`/api/chat/events?after=${last}`);
  events.addEventListener("message", (event) => show(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    if (events.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    events = null;
    setTimeout(listen, 3000);
  });
}

async function begin(body) {
  const [said] = (await (await fetch("/api/chat/sessions", { method: "POST" })).json()).messages;
  greeting = said.choices;
  last = said.id;
  return send(body, true);
}

// The greeting on the page is only a picture of the one that stands in the conversation once there is one.
function named(body) {
  const place = /^start-(\d+)$/.exec(body.choice ?? "");
  return place && greeting[place[1]] ? { ...body, choice: greeting[place[1]].id } : body;
}

async function send(body, started) {
  if (!last) return begin(body);
  const answer = await fetch("/api/chat/messages", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(named(body)),
  });
  return answer.status === 401 && !started ? begin(body) : answer;
}

async function submit(body) {
  complain("");
  notices.textContent = "Sending…";
  try {
    const answer = await send({ ...body, client_id: crypto.randomUUID() }, false);
    if (!answer.ok) {
      notices.textContent = "";
      complain((await answer.json()).error);
      field.focus();
      return false;
    }
    notices.textContent = "The assistant is answering…";
    listen();
    return true;
  } catch {
    notices.textContent = "";
    complain("Your message was not sent. Check your connection and try again.");
    field.focus();
    return false;
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) {
    complain("The message is empty. Write something, then send it.");
    field.focus();
  } else if (text.length > longest) {
    complain(`The message is too long. Send at most ${longest} characters; yours has ${text.length}.`);
    field.focus();
  } else if (await submit({ text })) {
    field.value = "";
    field.focus();
  }
});

list.addEventListener("submit", (event) => {
  event.preventDefault();
  field.focus();
  submit({ choice: event.submitter.value });
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

if (last) listen();
