// A session that goes quiet ends: typing keeps it, and a while before the end a note asks whoever only reads.
"use strict";

const MINUTE = 60_000;
const QUIET = 10 * MINUTE; // of the sixty after which a session is over: who writes for longer says so
const NOTED = 54 * MINUTE; // the server's own moment may be one minute earlier
const AHEAD = 5 * MINUTE;
let lastSaid = Date.now();
let end = Infinity; // of the session, however busy it is
let noting = null;

function tellThatSomebodyIsThere() {
  return fetch(location.href, { method: "HEAD", headers: window.reflect.proving() }).then(({ ok }) => ok && wasHeard(), () => {});
}

// The server has just seen this session: the note is not needed any more, and comes later.
function wasHeard() {
  lastSaid = Date.now();
  const place = document.getElementById("lasting");
  place?.replaceChildren();
  clearTimeout(noting);
  if (place) noting = setTimeout(note, Math.max(0, Math.min(NOTED, end - AHEAD - lastSaid)));
}

function note() {
  const place = document.getElementById("lasting");
  const words = document.getElementById("lasting-words");
  if (!place || !words) return;
  place.replaceChildren(words.content.cloneNode(true));
  const button = place.querySelector("button");
  if (end - Date.now() <= AHEAD) button.remove(); // that end cannot be put off
  else button.addEventListener("click", tellThatSomebodyIsThere);
}

function beginToWait() {
  const place = document.getElementById("lasting");
  end = place ? Date.now() + Number(place.dataset.minutesLeft) * MINUTE : Infinity;
  wasHeard();
}

document.addEventListener("input", () => {
  if (Date.now() - lastSaid < QUIET || !new URLSearchParams(location.search).has("tab")) return;
  lastSaid = Date.now(); // one word at a time
  tellThatSomebodyIsThere();
});
document.addEventListener("DOMContentLoaded", beginToWait);
// A whole page brings its own end; a part of one has only been heard. A look that found nothing new was heard, too.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => (ctx.target === document.body ? beginToWait() : wasHeard()));
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.response?.status < 400) wasHeard();
});
