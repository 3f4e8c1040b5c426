/** The map for choosing a place: a chunk of its own, fetched when somebody opens it. Nothing needs dragging: arrow keys or buttons move it. */

import { map as leafletMap, tileLayer } from "leaflet/dist/leaflet-src.esm.js";
import styles from "../static/built/map.css";
import { addStyles, button, el } from "./dom.js";

// In pixels. Leaflet's own keys glide, and what is pressed while it glides is lost.
const MOVES = { ArrowUp: [0, -80], ArrowDown: [0, 80], ArrowLeft: [-80, 0], ArrowRight: [80, 0] };
const dressed = new WeakSet(); // trees that have the map's styles

/**
 * @param {HTMLElement} holder
 * @param {{tiles: string, attribution: string, lat: number, long: number, zoom: number}} area
 * @param {import("./words.js").Words} words
 * @param {() => void} choose called when Enter is pressed on the map
 */
export function show(holder, area, words, choose) {
  const root = holder.getRootNode();
  if (!dressed.has(root)) addStyles(root, styles);
  dressed.add(root);
  const pane = el("div", { class: "map", tabindex: "0", role: "application", "aria-label": words.say("map_label"), "aria-describedby": "map-help" });
  holder.append(el("div", { class: "map-frame" }, pane, el("div", { class: "cross", "aria-hidden": "true" })));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const leaflet = leafletMap(pane, {
    center: [area.lat, area.long],
    zoom: area.zoom,
    // Leaflet writes these two as HTML; we make our own.
    zoomControl: false,
    attributionControl: false,
    keyboard: false,
    zoomAnimation: !still,
    fadeAnimation: !still,
    inertia: !still,
  });
  tileLayer(area.tiles, { maxZoom: 20 }).addTo(leaflet);
  const keys = { Enter: choose, "+": () => leaflet.zoomIn(), "=": () => leaflet.zoomIn(), "-": () => leaflet.zoomOut() };
  for (const [key, by] of Object.entries(MOVES)) keys[key] = () => leaflet.panBy(by, { animate: false });
  pane.addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  const control = (sign, label, act) => {
    const drawn = el("span", { "aria-hidden": "true" }, sign);
    return button({ class: "secondary map-control", "aria-label": label, onclick: act }, drawn);
  };
  holder.append(
    el(
      "div",
      { class: "map-controls" },
      control("+", words.say("map_zoom_in"), () => leaflet.zoomIn()),
      control("−", words.say("map_zoom_out"), () => leaflet.zoomOut()),
      el("small", { class: "attribution" }, area.attribution),
    ),
  );
  leaflet.invalidateSize();
  pane.focus();
  return { centre: () => leaflet.getCenter(), remove: () => leaflet.remove() };
}

