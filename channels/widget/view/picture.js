/** Pictures are drawn: a page that embeds the chat need not allow pictures from elsewhere, and the call can say who asks. */

import { el } from "../dom.js";

const EDGE = 480; // pixels; enough for a sharp picture at its largest size on screen

/** A canvas for a picture of this size, not drawn yet. */
export function frame(label, { width, height } = { width: 4, height: 3 }) {
  const scale = Math.min(1, EDGE / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  return el("canvas", { class: "picture", role: "img", "aria-label": label, ...size });
}

/** Draw a picture; false where it is none that this browser can show. */
export async function draw(canvas, blob) {
  let picture;
  try {
    picture = await createImageBitmap(blob);
  } catch {
    return false;
  }
  const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return true;
}

/** A message's picture, fetched when it is needed. */
export function sentPicture(chat, photo, label) {
  const canvas = frame(label, photo);
  const id = photo.url.split("/").pop();
  show(chat, canvas, id);
  return canvas;
}

async function show(chat, canvas, id) {
  try {
    if (!chat.photos.has(id)) chat.photos.set(id, await (await chat.api.fetch("GET", `photos/${encodeURIComponent(id)}`)).blob());
    await draw(canvas, chat.photos.get(id));
  } catch {
    chat.photos.delete(id); // its words stand there
  }
}
