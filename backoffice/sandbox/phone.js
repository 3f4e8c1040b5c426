// Keeps the texts on the phone page up to date, and sends without leaving the page. The page works without it.
"use strict";

const thread = document.getElementById("thread");
const none = document.getElementById("none");
const write = document.getElementById("write");
const box = document.getElementById("text");
const words = JSON.parse(thread.dataset.words);
const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const address = "/phone/messages?number=" + encodeURIComponent(thread.dataset.number);
let asking = false;

function part(name, className, text) {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

function bubble(message) {
  const item = part("li", message.direction, "");
  item.dataset.sid = message.sid;
  const who = part("p", "who", message.direction === "inbound" ? "You, " : "Council, ");
  const time = part("time", "", clock.format(new Date(message.at)));
  time.dateTime = message.at;
  who.append(time);
  item.append(who);
  for (const address of message.pictures || []) {
    const picture = part("img", "", "");
    picture.src = address;
    picture.alt = "A picture";
    item.append(picture);
  }
  item.append(part("p", "text", message.text), part("p", "status", ""));
  return item;
}

function show(messages) {
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 40;
  const shown = new Map([...thread.children].map((item) => [item.dataset.sid, item]));
  for (const message of messages) {
    let item = shown.get(message.sid);
    if (!item) {
      item = bubble(message);
      thread.append(item);
    }
    const status = item.querySelector(".status");
    if (status.dataset.status !== message.status) {
      status.dataset.status = message.status;
      status.textContent = words[message.status] || message.status;
    }
  }
  none.hidden = thread.children.length > 0;
  if (atEnd) thread.scrollTop = thread.scrollHeight;
}

async function refresh() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch(address, { cache: "no-store" });
    if (answer.ok) show((await answer.json()).messages);
  } catch {
    // The sandbox is being restarted: the next round asks again.
  } finally {
    asking = false;
  }
}

function wrong(sentence) {
  document.getElementById("text-error").hidden = !sentence;
  document.getElementById("text-wrong").textContent = sentence;
  if (sentence) box.setAttribute("aria-invalid", "true");
  else box.removeAttribute("aria-invalid");
}

write.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (write.dataset.busy) return;
  write.dataset.busy = "yes";
  setTimeout(refresh, 100);
  try {
    const answer = await fetch(write.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new FormData(write),
    });
    if (answer.ok) write.reset();
    wrong(answer.ok ? "" : (await answer.json().catch(() => ({}))).error || "The text was not sent. Try again.");
  } catch {
    wrong("The text was not sent. Try again.");
  } finally {
    delete write.dataset.busy;
  }
  box.focus();
  thread.scrollTop = thread.scrollHeight;
  refresh();
});

document.addEventListener("visibilitychange", refresh);
setInterval(refresh, 2000);
thread.scrollTop = thread.scrollHeight;
