// The one script of ours: it proves the browser after a launch where cookies do not, carries a tab's token where
// cookies are lost, and keeps small things of the forms in step. Everything works without it where cookies work.
"use strict";

const KEY = "reflect-tab-";
const LEFT_FRAME = "reflect-left-frame";
let bearer = null;

// --- places a browser may keep something in -----------------------------------------------------------------------

const shelf = {
  put(key, value) {
    try {
      sessionStorage.setItem(key, value);
      return sessionStorage.getItem(key) === value;
    } catch {
      return false; // blocked in this frame
    }
  },
  get(key) {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  },
};

// Where a browser keeps nothing at all, a tab that a page of ours opened may use that page's memory while it stays open.
window.lentToTabs = new Map();
const lender = {
  memory() {
    try {
      return window.opener?.lentToTabs || null;
    } catch {
      return null; // a page of somebody else's opened this one
    }
  },
  put(key, value) {
    return Boolean(this.memory()?.set(key, value));
  },
  get(key) {
    return this.memory()?.get(key) || null;
  },
};
const OWN_SESSION = "session"; // what a page lends to a window that it opens and that keeps nothing either

function keepsCookies() {
  const name = "__Host-reflect-probe";
  return ["; Partitioned", ""].some((partitioned) => {
    const attributes = `; Path=/; Secure; SameSite=None${partitioned}`;
    try {
      document.cookie = `${name}=1; Max-Age=30${attributes}`;
      const kept = document.cookie.includes(`${name}=1`);
      document.cookie = `${name}=; Max-Age=0${attributes}`;
      return kept;
    } catch {
      return false;
    }
  });
}

// LTI client-side postMessages: ask the platform to keep (lti.put_data) or give back (lti.get_data) a value.
function askPlatform(subject, target, origin, message) {
  const holder = window.parent !== window ? window.parent : window.opener;
  if (!holder || !origin) return Promise.resolve(null);
  const frame = target && target !== "_parent" ? holder.frames[target] || holder : holder;
  const id = crypto.randomUUID();
  return new Promise((resolve) => {
    const give = (value) => {
      removeEventListener("message", listen);
      clearTimeout(timer);
      resolve(value);
    };
    const listen = (event) => {
      const data = event.data;
      if (event.origin !== origin || event.source !== frame || !data || data.message_id !== id) return;
      if (data.subject === `${subject}.response`) give(data.error ? null : data);
    };
    const timer = setTimeout(() => give(null), 1000);
    addEventListener("message", listen);
    frame.postMessage({ subject, message_id: id, ...message }, origin);
  });
}

// What the check of browsers tries out, too; and how a request of ours proves itself where cookies are lost.
const proving = () => (bearer ? { Authorization: `Bearer ${bearer}` } : {});
const isLent = () => Boolean(bearer && lender.get(KEY + tabOf(location.search)));
// A page that is left by itself, without htmx, then loses its session.
const isOnlyHere = () => Boolean(bearer && !tokenOf(tabOf(location.search)));
window.reflect = { shelf, askPlatform, proving, isLent, isOnlyHere };

// --- the launch ---------------------------------------------------------------------------------------------------

async function goToPlatform(page) {
  const { handle, browserSecret, storageTarget, platformOrigin, leftFrame } = page.dataset;
  if (leftFrame) shelf.put(LEFT_FRAME, "1");
  const key = `reflect-login-${handle}`;
  let kept = shelf.put(key, browserSecret) || keepsCookies() || lender.put(key, browserSecret);
  if (storageTarget) {
    const message = { key, value: browserSecret };
    kept = Boolean(await askPlatform("lti.put_data", storageTarget, platformOrigin, message)) || kept;
  }
  if (kept) location.replace(page.querySelector("a[rel=next]").href);
  else reveal("login", window.top === window ? "keeps-nothing" : "new-tab");
}

async function prove(page) {
  const { action, ticket, storageTarget, platformOrigin, storageKey } = page.dataset;
  let secret = shelf.get(storageKey) || lender.get(storageKey);
  if (!secret) {
    const answer = await askPlatform("lti.get_data", storageTarget, platformOrigin, { key: storageKey });
    secret = answer && answer.value;
  }
  const proof = secret && (await fetch(action, { method: "POST", body: new URLSearchParams({ ticket, secret }) }));
  if (!proof || !proof.ok) return reveal("proof", "new-window");
  const { address, tab, token } = await proof.json();
  shelf.put(KEY + tab, token) || lender.put(KEY + tab, token);
  await enter(address, token);
}

function tabOf(search) {
  return new URLSearchParams(search).get("tab");
}

function tokenOf(tab) {
  return shelf.get(KEY + tab) || lender.get(KEY + tab);
}

// A page that came without its session: the tab may still know its token, or the page that opened it lends its own.
async function attach() {
  const token = bearer || tokenOf(tabOf(location.search));
  const lent = lender.get(OWN_SESSION);
  if (token) return enter(location.pathname + location.search, token);
  if (!lent) return reveal("attach", "attach-again");
  lender.put(KEY + lent.tab, lent.token);
  await enter(`${location.pathname}?tab=${lent.tab}`, lent.token);
}

// A page for anybody that was loaded anew: it came without the person whose tab it is, and the way back would be lost.
async function heal() {
  const token = !bearer && tokenOf(tabOf(location.search));
  if (token) await enter(location.pathname + location.search, token);
}

function reveal(hidden, shown) {
  document.getElementById(hidden).hidden = true;
  document.getElementById(shown).hidden = false;
}

// --- a tab without cookies: every request carries the token, so links and forms go through htmx ---------------------

async function enter(address, token) {
  bearer = token;
  window.lentToTabs.set(OWN_SESSION, { tab: tabOf(new URL(address, location.href).search), token });
  document.documentElement.setAttribute("hx-boost:inherited", "true");
  await htmx.ajax("GET", address, { target: "body", swap: "innerHTML", replace: address });
}

document.addEventListener("htmx:config:request", (event) => {
  Object.assign(event.detail.ctx.request.headers, proving());
});

// A window of its own may keep no cookie either; then it lives on what this page lends it.
document.addEventListener("submit", ({ target }) => {
  if (bearer && target.id === "window-form") target.rel = "opener";
});

// What lies in another page's memory is gone with that page.
function sayWhatIsLent() {
  const words = document.getElementById("lent");
  if (words) words.hidden = !isLent();
}

// The card that offered a tab of its own says when it was taken up.
document.addEventListener("submit", ({ target, submitter }) => {
  if (submitter?.name === "left_frame" && document.getElementById("in-a-tab")) reveal("new-tab", "in-a-tab");
});

// A file to download cannot be taken by htmx, and a link brings no token: a form does.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-file]");
  if (!bearer || !link) return;
  event.preventDefault();
  const form = Object.assign(document.createElement("form"), { method: "post", action: document.body.dataset.downloads });
  for (const [name, value] of Object.entries({ place: link.pathname, token: bearer })) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
  form.remove();
});

// --- small things ---------------------------------------------------------------------------------------------------

// Own words and a question of the library exclude each other; what was typed comes back when it is chosen again.
document.addEventListener("input", ({ target }) => {
  if (target.id !== "question-own") return;
  const own = document.querySelector('input[name="question_key"][value=""]');
  if (own && target.value) own.checked = true;
});
let isPointing = false; // else arrow keys that only pass by would be carried away into the field
document.addEventListener("pointerdown", () => (isPointing = true), true);
document.addEventListener("keydown", () => (isPointing = false), true);
document.addEventListener("change", ({ target }) => {
  if (target.name !== "question_key") return;
  const field = document.getElementById("question-own");
  if (target.value) {
    field.dataset.typed = field.value || field.dataset.typed || "";
    field.value = "";
  } else {
    field.value = field.value || field.dataset.typed || "";
    if (isPointing) field.focus();
  }
});

// A page that came in the place of another brings its own language and direction, and reading goes on at its start.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const page = /^\s*<!doctype html>\s*<html lang="([\w-]+)" dir="(\w+)">/i.exec(ctx.text);
  if (page) [, document.documentElement.lang, document.documentElement.dir] = page;
  const main = document.getElementById("main");
  const isPage = page || ctx.target.tagName === "MAIN";
  const isFocusLost = ctx.request.method === "POST" && document.activeElement === document.body;
  if (isPage) scrollTo(0, 0);
  if (isPage && main) tell(main);
  if (main && (isPage || isFocusLost)) main.focus({ preventScroll: true });
});

// A reader hears what the new page is; a part of a page brings no title of its own.
function tell(main) {
  const heading = main.querySelector("h1")?.textContent.trim();
  if (!heading) return;
  document.getElementById("announcements").textContent = heading;
  document.title = `${heading} · Reflect`;
}

// What a reader has unfolded stays unfolded when the page brings itself up to date.
htmx.config.morphIgnore.push("open");

// A page that keeps itself up to date lets a failed look pass, and looks again.
document.addEventListener("htmx:before:response", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  if (response.status >= 500 && sourceElement.matches('[hx-trigger^="every"]')) event.preventDefault();
});

// Moments are written in UTC and read in the reader's own zone.
function localise() {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const moment of document.querySelectorAll("time[datetime]")) {
    const words = format.format(new Date(moment.dateTime));
    if (moment.textContent !== words) moment.textContent = words; // a look that found nothing new moves nothing
  }
}

// Dates are typed in the reader's own zone, and the form says which one that is.
function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) return;
  for (const field of document.querySelectorAll('input[name="zone"]')) field.value = zone;
  for (const words of document.querySelectorAll("[data-zone]")) words.textContent = zone;
}

// The answer to the platform's content dialog goes back by itself; without this script by its button.
function reply() {
  const form = document.getElementById("reply");
  if (form) form.requestSubmit();
}

// A content dialog in a tab that took the place of a frame may have no way back to the course.
function warnOutside() {
  const warning = document.getElementById("left-frame");
  if (warning && shelf.get(LEFT_FRAME)) warning.hidden = false;
}

for (const change of ["DOMContentLoaded", "htmx:after:swap"]) {
  document.addEventListener(change, localise);
  document.addEventListener(change, tellZone);
  document.addEventListener(change, reply);
  document.addEventListener(change, warnOutside);
  document.addEventListener(change, sayWhatIsLent);
}

document.addEventListener("DOMContentLoaded", () => {
  const starts = [["login", goToPlatform], ["proof", prove], ["attach", attach]];
  const [id, start] = starts.find(([id]) => document.getElementById(id)) || [];
  if (!start) return heal();
  const page = document.getElementById(id);
  page.hidden = false;
  start(page);
});
