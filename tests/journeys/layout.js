// What is wrong with the layout, as texts: something that sticks out to the side, or words that are cut off.
() => {
  const found = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 1) found.push(`the page is ${wide} wider than the window`);

  function* everything(root = document) {
    for (const one of root.querySelectorAll("body *, :host *, *")) {
      yield one;
      if (one.shadowRoot) yield* everything(one.shadowRoot);
    }
  }
  const parent = (one) => one.parentElement ?? one.getRootNode().host ?? null;
  const name = (one) => `${one.localName}.${one.getAttribute("class") ?? ""} "${(one.textContent ?? "").trim().slice(0, 40)}"`;
  // For screen readers only, or scrolled by somebody who uses it: a map, a table in its own box.
  const passed = (one) => {
    for (let around = one; around; around = parent(around)) {
      const style = getComputedStyle(around);
      if (around.matches(".hidden-text, .govuk-visually-hidden, .govuk-skip-link, .map, .drop")) return true;
      if (around !== one && ["auto", "scroll"].includes(style.overflowX) && around.scrollWidth > around.clientWidth + 1 && around.matches(".hb-table")) return true;
    }
    return false;
  };

  // A button's words run over its edge.
  function outside(one, box) {
    const words = document.createRange();
    words.selectNodeContents(one);
    return [...words.getClientRects()].some((word) => word.left < box.left - 2 || word.right > box.right + 2 || word.top < box.top - 4 || word.bottom > box.bottom + 4);
  }

  for (const one of everything()) {
    if (!one.checkVisibility({visibilityProperty: true}) || one.closest("head") || passed(one)) continue;
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    if (!box.width || !box.height || one instanceof SVGElement && one.localName !== "svg") continue;
    if (box.right > innerWidth + 1 || box.left < -1) found.push(`${name(one)} sticks out: ${box.left.toFixed()} to ${box.right.toFixed()}`);
    if (style.display === "inline" || !one.textContent?.trim()) continue;
    const clips = (how) => ["hidden", "clip"].includes(how);
    if (clips(style.overflowX) && one.scrollWidth > one.clientWidth + 1) found.push(`${name(one)} is cut off at its side`);
    if (clips(style.overflowY) && one.scrollHeight > one.clientHeight + 1) found.push(`${name(one)} is cut off below`);
    if (["auto", "scroll"].includes(style.overflowX) && one.scrollWidth > one.clientWidth + 1 && !one.matches("textarea")) found.push(`${name(one)} scrolls to the side`);
    if (one.matches("button, a.govuk-button, .bubble") && outside(one, box)) found.push(`${name(one)} is too small for its words`);
  }
  return [...new Set(found)].slice(0, 8);
}
