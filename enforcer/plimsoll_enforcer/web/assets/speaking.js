// What is told to those who cannot see the page: each sentence once, either when there is a pause or at once.

import { setText } from "./dom.js";

const last = new Map();

function tell(id, text) {
  if (last.get(id) === text) return;
  last.set(id, text);
  setText(document.getElementById(id), text);
}

/** Say it when the reader has a pause. */
export const say = (text) => tell("politely", text);

/** Say it now, over everything else. */
export const shout = (text) => tell("at-once", text);
