/** A message's text as elements: lines stay lines, secure addresses become links, the council's telephone numbers can be called. */

import { el, hiddenText } from "../dom.js";

const LINK = /https:\/\/[^\s<>"“”]+[^\s<>"“”.,:;!?)\]'’]/g;
const PHONE = /(?<![\w/-])0\d(?: ?\d){8,9}(?!\w)/g;

/**
 * @param {string} text
 * @param {{newTab: string, calls: boolean}} how newTab: words for a link that opens another tab; calls: telephone numbers become links
 */
export function marked(text, { newTab, calls }) {
  const found = [...matches(text, LINK, (address) => link(address, newTab)), ...(calls ? matches(text, PHONE, call) : [])];
  found.sort((one, other) => one.at - other.at);
  const parts = [];
  let end = 0;
  for (const { at, length, make } of found) {
    if (at < end) continue; // a number inside of an address
    parts.push(text.slice(end, at), make());
    end = at + length;
  }
  parts.push(text.slice(end));
  return parts.filter(Boolean);
}

function matches(text, pattern, make) {
  return [...text.matchAll(pattern)].map((match) => ({ at: match.index, length: match[0].length, make: () => make(match[0]) }));
}

export function link(address, newTab, title = address) {
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, title, hiddenText(` ${newTab}`));
}

function call(number) {
  return el("a", { href: `tel:${number.replaceAll(" ", "")}` }, number);
}
