// The live inbox and desk: what is new is fetched and put in its place; the focus stays where it is.
const lists = document.getElementById("lists");
const desk = document.getElementById("desk");
const title = document.title;
const conversation = desk?.dataset.conversation;

/** Fetch a part of a page and give it as nodes; null when it cannot be had now. */
async function part(address) {
  const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").body;
}

function tell(id, words) {
  const region = document.getElementById(id);
  if (region && region.textContent !== words) region.textContent = words;
}

/** Replace the lists; what had the focus has it again, in its new copy. */
async function refreshLists() {
  const fresh = await part(lists.dataset.lists);
  if (!fresh) return;
  const held = lists.contains(document.activeElement) ? document.activeElement : null;
  const card = held?.closest("li[id]")?.id;
  const before = new Set([...lists.querySelectorAll("#danger, #waiting")].flatMap((head) => idsAfter(head)));
  lists.replaceChildren(...fresh.childNodes);
  const after = [...lists.querySelectorAll("#danger, #waiting")].flatMap((head) => idsAfter(head));
  const news = after.filter((id) => !before.has(id)).length;
  if (news) tell("told", news === 1 ? "One more conversation waits." : `${news} more conversations wait.`);
  if (news && document.getElementById("sound")?.checked) beep();
  if (held) (card && document.querySelector(`#${CSS.escape(card)} ${held.tagName.toLowerCase()}`))?.focus({ preventScroll: true });
}

const idsAfter = (head) => [...head.parentElement.querySelectorAll("li[id]")].map((item) => item.id);

function beep() {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const quiet = audio.createGain();
  quiet.gain.value = 0.1;
  tone.connect(quiet).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.15);
}

/** Append what was said since; whoever reads the end stays there. */
async function refreshLines() {
  const log = document.getElementById("desk-lines");
  if (!log) return;
  const fresh = await part(`/conversations/${conversation}/lines?after=${log.dataset.after}`);
  for (const line of fresh?.querySelectorAll("li[data-id]") ?? []) {
    if (Number(line.dataset.id) <= Number(log.dataset.after)) continue;
    log.append(line);
    log.dataset.after = line.dataset.id;
    toEnd(log);
  }
  for (const field of document.querySelectorAll("[data-seen]")) field.value = log.dataset.after;
}

function toEnd(log) {
  log.parentElement.scrollTop = log.parentElement.scrollHeight;
}

/** Whose the conversation is has changed: say so; what is being written stays. */
async function refreshStanding() {
  const standing = document.getElementById("desk-standing");
  const fresh = await part(`/conversations/${conversation}/desk`);
  if (!fresh || standing.contains(document.activeElement)) return;
  const before = standing.querySelector("h2")?.textContent;
  const done = standing.querySelector(".console-desk__done"); // of the form that was just sent
  standing.replaceChildren(...fresh.childNodes);
  const now = standing.querySelector("h2")?.textContent;
  if (done && now === before) standing.prepend(done);
  if (now !== before) tell("desk-told", now);
}

let stood = "";
function listen() {
  const source = new EventSource(`/events/inbox${conversation ? `?conversation=${conversation}` : ""}`);
  source.addEventListener("inbox", (event) => {
    const { waiting } = JSON.parse(event.data);
    document.title = waiting ? `(${waiting}) ${title}` : title;
    if (lists) refreshLists();
    if (desk) refreshStanding();
  });
  source.addEventListener("conversation", (event) => {
    const { state } = JSON.parse(event.data);
    refreshLines();
    if (stood && state !== stood) refreshStanding();
    stood = state;
  });
  source.addEventListener("signed_out", () => {
    source.close();
    tell(desk ? "desk-told" : "told", "You are signed out. Sign in again to go on.");
  });
  addEventListener("pagehide", () => source.close());
}

/** A draft outlives a reload and a form that could not be sent. The form's own name goes with it, so that it is never sent twice. */
function keepDraft(form) {
  const field = form.querySelector("textarea");
  const name = form.elements.namedItem("form");
  const key = `hearback:draft:${conversation}`;
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (kept && new URLSearchParams(location.search).get("sent") === kept.form) sessionStorage.removeItem(key);
  else if (kept && !field.value) {
    field.value = kept.text;
    if (kept.tried) name.value = kept.form;
  }
  const keep = (tried) => sessionStorage.setItem(key, JSON.stringify({ form: name.value, text: field.value, tried }));
  field.addEventListener("input", () => keep(false));
  form.addEventListener("submit", () => keep(true));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}

function offerReplies(canned, form) {
  canned.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = form.querySelector("textarea");
    const text = canned.querySelector("select").selectedOptions[0].dataset.text;
    field.value = field.value.trim() ? `${field.value.trimEnd()}\n${text}` : text;
    field.dispatchEvent(new Event("input"));
    field.focus();
  });
}

for (const element of document.querySelectorAll("[data-with-script]")) element.hidden = false;
const sound = document.getElementById("sound");
if (sound) {
  sound.checked = localStorage.getItem("hearback:sound") === "yes";
  sound.addEventListener("change", () => localStorage.setItem("hearback:sound", sound.checked ? "yes" : "no"));
}
const reply = document.getElementById("reply");
if (reply) {
  keepDraft(reply);
  if (document.getElementById("canned")) offerReplies(document.getElementById("canned"), reply);
}
if (document.getElementById("desk-lines")) toEnd(document.getElementById("desk-lines"));
listen();
