// Keyboard shortcuts: an element with data-key="j" is followed or pressed when J is, unless somebody is typing.
// In a list with data-walk, J and K go from one heading to the next.
const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

const walked = (step) => {
  const links = [...document.querySelectorAll("[data-walk] h2 a")];
  const at = links.findIndex((link) => link.closest("li").contains(document.activeElement));
  return at < 0 ? links[0] : links[Math.min(Math.max(at + step, 0), links.length - 1)];
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  const key = event.key.toLowerCase();
  const wanted = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const next = wanted ?? ({ j: walked(1), k: walked(-1) })[key];
  if (!next) return;
  event.preventDefault();
  next.focus();
  if (wanted?.matches("a, button, summary")) wanted.click();
});
