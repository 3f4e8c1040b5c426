/** Saying where: by the device's own position, after it was explained and agreed to, or on the council's map. */

import { button, el, onceAtATime, refill } from "../dom.js";
import { BASE } from "../settings.js";

const POSITION = { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 };
const REFUSED = 1; // GeolocationPositionError.PERMISSION_DENIED

/** Explain, ask, then send where the device is. */
export function shareLocation(ui) {
  const { words } = ui;
  const problem = el("p", { class: "error", role: "alert" });
  const share = button({ class: "primary" }, words.say("location_share"));
  let waiting = true;
  const ask = async () => {
    refill(problem);
    ui.announcer.say(words.say("location_finding"));
    refill(share, words.say("location_finding"));
    try {
      const { coords } = await position();
      if (!waiting) return; // cancelled meanwhile
      ui.sheet.close();
      send(ui, { lat: coords.latitude, long: coords.longitude }, words.say("my_location"));
    } catch (error) {
      refill(problem, words.say(error.code === REFUSED ? "location_refused" : "location_unknown"));
      refill(share, words.say("location_share"));
    }
  };
  share.addEventListener("click", onceAtATime(share, ask));
  ui.sheet.show(words.say("location_title"), [el("p", {}, words.say("location_why")), problem, share], { closed: () => (waiting = false) });
}

function position() {
  return new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject, POSITION));
}

function send(ui, location, shown) {
  ui.composer.rest();
  ui.chat.outbox.add({ location }, shown);
}

/** The map comes from the council's own server, and only when somebody asks for it. */
export async function choosePlace(ui) {
  const { words } = ui;
  const status = el("p", { role: "status" }, words.say("map_loading"));
  const holder = el("div", { class: "map-holder" });
  const use = button({ class: "primary", hidden: true }, words.say("map_use"));
  let map = null;
  const choose = () => {
    const { lat, lng } = map.centre();
    ui.sheet.close();
    send(ui, { lat, long: lng }, words.say("my_place"));
  };
  use.addEventListener("click", choose);
  const closed = () => {
    map?.remove();
    map = null;
  };
  const content = [el("p", { id: "map-help" }, words.say("map_help")), status, holder, use, el("p", { class: "hint" }, words.say("map_write"))];
  ui.sheet.show(words.say("map_title"), content, { closed });
  try {
    const chunk = await import(`${BASE}/widget/map.js`);
    if (!holder.isConnected) return;
    map = chunk.show(holder, ui.chat.config.map, words, choose);
    use.hidden = false;
    refill(status);
  } catch {
    refill(status, words.say("map_failed"));
  }
}
