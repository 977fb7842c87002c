// The check of a browser: each thing is tried out, and the page that says what it means is fetched with the outcomes.
"use strict";

const { shelf, askPlatform, isLent } = window.reflect;
const TWO_MINUTES = 120_000;

const trial = { page: {}, outcomes: {} };

async function diagnose(page) {
  trial.page = { ...page.dataset };
  const place = window.top === window ? "window" : "frame";
  trial.outcomes = { script: "on", place, session: trySession(), touch: navigator.maxTouchPoints > 1 ? "yes" : "no" };
  const found = await Promise.all([tryProbes(), tryPlatform(), tryAccess()]);
  Object.assign(trial.outcomes, ...found);
  await showDiagnosis();
  announce("#verdict");
}

function trySession() {
  const isKept = shelf.put("reflect-probe", "1");
  if (isKept) sessionStorage.removeItem("reflect-probe");
  return isKept ? "kept" : isLent() ? "lent" : "lost";
}

// The page left two cookies; the server says which come back, and what the time is there.
async function tryProbes() {
  try {
    const began = Date.now();
    const answer = await fetch(trial.page.probes, { signal: AbortSignal.timeout(5000) });
    const { cookie, partitioned, now } = await answer.json();
    const ahead = (began + Date.now()) / 2 - now;
    const clock = Math.abs(ahead) < TWO_MINUTES ? "right" : ahead > 0 ? "fast" : "slow";
    return { cookie: cookie ? "kept" : "lost", partitioned: partitioned ? "kept" : "lost", clock };
  } catch {
    return {};
  }
}

async function tryPlatform() {
  const { storageTarget, storageOrigin } = trial.page;
  if (!storageTarget) return {};
  const [key, value] = ["reflect-probe", "1"];
  await askPlatform("lti.put_data", storageTarget, storageOrigin, { key, value });
  const answer = await askPlatform("lti.get_data", storageTarget, storageOrigin, { key });
  return { platform: answer && answer.value === value ? "kept" : "lost" };
}

async function tryAccess() {
  if (!document.hasStorageAccess) return { access: "absent" };
  try {
    return { access: (await document.hasStorageAccess()) ? "open" : "closed" };
  } catch {
    return {};
  }
}

async function showDiagnosis() {
  const { results, entry } = trial.page;
  const query = new URLSearchParams({ ...trial.outcomes, entry });
  const address = `${results}${results.includes("?") ? "&" : "?"}${query}`;
  await htmx.ajax("GET", address, { target: "#diagnosis", swap: "outerMorph" });
  if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
}

function announce(selector) {
  const said = document.querySelector(selector);
  if (said) document.getElementById("announcements").textContent = said.textContent;
}

// A new window only ever opens because somebody pressed the link for it.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-try-window]");
  if (!link || !trial.page.results) return;
  event.preventDefault();
  trial.outcomes.window = window.open(link.href, "_blank") ? "opened" : "blocked";
  await showDiagnosis();
  announce("#new-windows");
});

// The steps of another browser come without trying everything once more.
document.addEventListener("submit", async (event) => {
  if (event.target.id !== "steps-form" || !trial.page.results) return;
  event.preventDefault();
  trial.outcomes.steps = document.getElementById("steps").value;
  await showDiagnosis();
});

for (const change of ["DOMContentLoaded", "htmx:after:swap"]) {
  document.addEventListener(change, () => {
    const page = document.querySelector("#diagnosis[data-probes]");
    if (!page || page.dataset.begun) return;
    page.dataset.begun = "yes";
    diagnose(page);
  });
}
