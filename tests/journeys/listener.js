// Collects in window.heard what a screen reader would say by itself: {how: "live" | "focus", text}.
// It is strict: what becomes visible in a live region, or a region that becomes visible with words in it, counts as said.
(() => {
  const ROLES = {log: ["polite", false], status: ["polite", true], alert: ["assertive", true], timer: ["off", false], marquee: ["off", false]};
  const heard = window.heard = [];
  const parent = (node) => node.parentElement ?? (node.parentNode instanceof ShadowRoot ? node.parentNode.host : null);
  const element = (node) => node.nodeType === Node.ELEMENT_NODE ? node : parent(node);

  function live(node) {
    for (let one = element(node); one; one = parent(one)) {
      const role = one.localName === "output" ? "status" : one.getAttribute("role");
      const said = one.getAttribute("aria-live") ?? (role in ROLES ? ROLES[role][0] : null);
      if (said === "off") return null;
      if (!said) continue;
      const atomic = one.getAttribute("aria-atomic") ?? String(role in ROLES && ROLES[role][1]);
      return {region: one, atomic: atomic === "true", relevant: one.getAttribute("aria-relevant") ?? "additions text"};
    }
    return null;
  }

  function perceived(node) {
    for (let one = element(node); one; one = parent(one)) if (one.getAttribute("aria-hidden") === "true") return false;
    const here = element(node);
    return Boolean(here?.isConnected && here.checkVisibility({visibilityProperty: true}));
  }

  function words(node) {
    if (!perceived(node)) return "";
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE) return "";
    const name = node.getAttribute("aria-label") ?? (node.localName === "img" ? node.alt : null);
    return name ?? [...(node.shadowRoot ?? node).childNodes].map(words).join(" ");
  }

  const tidy = (text) => text.replace(/\s+/g, " ").trim();
  const say = (how, text) => tidy(text) && heard.push({how, text: tidy(text)});
  const regions = "[aria-live], [role=log], [role=status], [role=alert], output";
  const seen = new WeakMap();   // what was perceived after the changes before

  function watch(root) {
    new MutationObserver((changes) => hear(root, changes)).observe(root, {childList: true, characterData: true, attributes: true, subtree: true});
    note(root);
  }

  function note(root) {
    for (const one of root.querySelectorAll("*")) seen.set(one, perceived(one));
  }

  function hear(root, changes) {
    const fresh = new Set();
    for (const change of changes) {
      if (change.type === "childList") for (const node of change.addedNodes) fresh.add(node);
      if (change.type === "characterData") fresh.add(change.target);
      // Shown by an attribute: of itself, or of what it is in.
      if (change.type === "attributes" && seen.get(change.target) === false && perceived(change.target)) fresh.add(change.target);
    }
    const whole = new Set();
    for (const node of fresh) {
      if ([...fresh].some((other) => other !== node && other.contains(node))) continue;
      const found = node.isConnected && live(node);
      if (found) {
        const wanted = node.nodeType === Node.TEXT_NODE ? "text" : "additions";
        if (found.atomic) whole.add(found.region);
        else if (found.relevant === "all" || found.relevant.includes(wanted) || found.relevant.includes("additions")) say("live", words(node));
      } else if (node.nodeType === Node.ELEMENT_NODE && node.isConnected) {
        for (const region of node.querySelectorAll(regions)) if (live(region)) say("live", words(region));
      }
    }
    for (const region of whole) say("live", words(region));
    note(root);
  }

  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (how) {
    const root = attach.call(this, how);
    watch(root);
    root.addEventListener("focusin", focus);
    return root;
  };

  // The name and the description of what gets the focus are read; a dialog or group says its own on entering.
  let last = null;
  function focus() {
    let target = document.activeElement;
    while (target?.shadowRoot?.activeElement) target = target.shadowRoot.activeElement;
    if (target === last || target === document.body) return;
    last = target;
    const root = target.getRootNode();
    const named = (list) => (list ?? "").split(" ").map((id) => root.getElementById(id)).filter(Boolean).map(words).join(" ");
    const name = named(target.getAttribute("aria-labelledby")) || target.getAttribute("aria-label") || [...(target.labels ?? [])].map(words).join(" ");
    const content = /^(H[1-6]|BUTTON|A|P|LI)$/.test(target.tagName) ? words(target) : "";
    const group = target.closest("[role=dialog], [role=group], fieldset");
    const inGroup = group && group !== focus.group ? named(group.getAttribute("aria-describedby")) : "";
    focus.group = group;
    say("focus", `${name || content} ${inGroup} ${named(target.getAttribute("aria-describedby"))}`);
  }

  document.addEventListener("focusin", focus);
  document.addEventListener("DOMContentLoaded", () => watch(document));
})();
