// Evaluated after each key: where the focus is, and whether somebody who looks at the screen sees it.
// {name, role, lost, inside, and what is wrong with it: seen, shown, small, each "" or why}
() => {
  const FOCUSABLE = "a[href], button, input, textarea, select, summary, [tabindex]";
  const looks = (window.looksUnfocused ??= new WeakMap());

  function* trees(root = document) {
    yield root;
    for (const one of root.querySelectorAll("*")) if (one.shadowRoot) yield* trees(one.shadowRoot);
  }

  // GOV.UK's radios are drawn by their label.
  function look(one) {
    const parts = (style) => [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.backgroundColor, style.borderTopColor, style.borderTopWidth];
    return JSON.stringify([parts(getComputedStyle(one)), ...[...(one.labels ?? [])].map((label) => parts(getComputedStyle(label, "::before")))]);
  }

  function at(x, y) {
    let found = document.elementFromPoint(x, y);
    while (found?.shadowRoot) {
      const deeper = found.shadowRoot.elementFromPoint(x, y);
      if (!deeper || deeper === found) break;
      found = deeper;
    }
    return found;
  }

  let has = document.activeElement;
  while (has?.shadowRoot?.activeElement) has = has.shadowRoot.activeElement;
  const lost = !has || has === document.body || has === document.documentElement;

  function covered() {
    const boxes = [...has.getClientRects()].map(({left, right, top, bottom}) => ({
      left: Math.max(left, 0), right: Math.min(right, innerWidth), top: Math.max(top, 0), bottom: Math.min(bottom, innerHeight),
    })).filter((box) => box.right - box.left > 2 && box.bottom - box.top > 2);
    if (!boxes.length) return "outside of the window";
    const labels = [...(has.labels ?? [])];
    const hits = boxes.flatMap(({left, right, top, bottom}) => [0.1, 0.5, 0.9].flatMap((x) => [0.15, 0.5, 0.85].map((y) => at(left + (right - left) * x, top + (bottom - top) * y))));
    const own = hits.filter((hit) => hit && (has.contains(hit) || labels.some((label) => label.contains(hit))));
    return own.length * 2 > hits.length ? "" : `covered by ${hits.find((hit) => !own.includes(hit))?.outerHTML.slice(0, 80)}`;
  }

  // WCAG 2.5.8: 24 by 24, or as much room around that a circle of 24 touches no other target. Links in a sentence are left out.
  function small() {
    const targets = [...trees()].flatMap((tree) => [...tree.querySelectorAll("a[href], button, input, textarea, select, summary")]).filter((one) => one.checkVisibility({visibilityProperty: true}));
    const {width, height, left, top} = has.getBoundingClientRect();
    if (!targets.includes(has) || Math.min(width, height) >= 23.5) return "";
    if (getComputedStyle(has).display === "inline" && has.parentElement.innerText.trim() !== has.innerText.trim()) return "";
    const [x, y] = [left + width / 2, top + height / 2];
    const near = targets.filter((one) => {
      if (one === has) return false;
      const box = one.getBoundingClientRect();
      const away = Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
      const centres = Math.hypot(box.left + box.width / 2 - x, box.top + box.height / 2 - y);
      return away < 12 || (Math.min(box.width, box.height) < 23.5 && centres < 24);
    });
    return has.getRootNode().host || near.length ? `only ${width.toFixed()} by ${height.toFixed()}` : "";
  }

  function indicator() {
    const style = getComputedStyle(has);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    if (matchMedia("(forced-colors: active)").matches) return outlined || has.labels?.length ? "" : "no outline in forced colours";
    if (has.matches("h1, h2, h3, p, li, main, [tabindex='-1']")) return ""; // cannot be operated: it is where reading goes on
    const before = looks.get(has);
    if (before) return before === look(has) ? "looks as without focus" : "";
    return outlined || style.boxShadow !== "none" ? "" : "no outline and no shadow";
  }

  const told = lost ? {lost, name: "", role: "", inside: false, seen: "", shown: "", small: ""} : {
    lost,
    name: (has.getAttribute("aria-label") ?? (has.labels?.[0] ?? has).innerText ?? "").replace(/\s+/g, " ").trim(),
    role: has.getAttribute("role") ?? has.localName,
    inside: Boolean(has.getRootNode().host?.matches("hearback-chat")),
    seen: covered(),
    shown: indicator(),
    small: small(),
  };
  for (const tree of trees()) for (const one of tree.querySelectorAll(FOCUSABLE)) if (one !== has) looks.set(one, look(one));
  return told;
}
