/** What the script's own tag says: where Hearback is, and how the chat is to stand on this page. */

const script = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');

/** Hearback's address, without a slash at its end. */
export const BASE = new URL(".", script.src).href.replace(/\/$/, "");

/** The chat is the page itself, over what stands there without JavaScript. */
export const PAGE = script.hasAttribute("data-page");

/** The interface's language that the page asks for; "" leaves it to the citizen and the page's own. */
export const LANGUAGE = script.dataset.language ?? "";

// channels/embed.py puts this before the script: {colours, languages: {code: {direction, words}}}, what is on screen before any other call.
/* global HEARBACK_COUNCIL */
const EARLY = typeof HEARBACK_COUNCIL === "undefined" ? { languages: {} } : HEARBACK_COUNCIL;
const UNSAID = { launcher: "Chat", loading: "", load_failed: "", try_again: "", unread: "{count}", minimise: "" };

export const COLOURS = EARLY.colours ?? null;

/** The language to begin with: what the citizen chose, what the page asks for, or the page's own. */
export function firstLanguage(chosen) {
  const page = document.documentElement.lang.split("-")[0].toLowerCase();
  const wanted = [chosen, LANGUAGE, page].filter(Boolean);
  return wanted.find((code) => code in EARLY.languages) ?? wanted[0] ?? "";
}

/** The few words that are needed before the configuration is there. */
export function earlyWords(language) {
  const known = EARLY.languages[language] ?? EARLY.languages.en;
  return { direction: known?.direction ?? "ltr", words: { ...UNSAID, ...known?.words } };
}
