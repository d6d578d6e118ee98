// What the pages cannot do without a script: keys, and what is told while one looks elsewhere.
// Every form and every link works without it.

const at = (id) => document.getElementById(id);

// ---- keys

const WAYS = { t: "/", q: "/queue", k: "/keywords" };
const KEYS_OFF = "callslip-keys-off";
let leader = 0;

function typing(part) {
  return part.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const part = event.target instanceof Element ? event.target : document.body;
  if (event.key === "Escape" && typing(part)) {
    part.blur();
    return;
  }
  if (typing(part) || at("keys")?.open || localStorage.getItem(KEYS_OFF)) return;
  const second = Date.now() - leader < 1500;
  leader = 0;
  if (second && WAYS[event.key]) {
    location.assign(WAYS[event.key]);
  } else if (event.key === "g") {
    leader = Date.now();
  } else if (event.key === "?") {
    at("keys").showModal();
  } else if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (!search) return;
    search.focus();
  } else if (event.key === "j" || event.key === "k") {
    step(event.key === "j" ? 1 : -1);
  } else if (event.key === "c" && at("claim")) {
    at("claim").click();
  } else if (event.key === "r" && at("body")) {
    at("body").focus();
  } else {
    return;
  }
  event.preventDefault();
});

const keysOn = at("keys-on");
if (keysOn) {
  keysOn.checked = !localStorage.getItem(KEYS_OFF);
  keysOn.addEventListener("change", () => {
    if (keysOn.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "1");
  });
}

// ---- one click, one change

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});
// Back from elsewhere, the page is as it was left: its forms may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// ---- the queue: what waits is counted in the title and told once

const plain = document.title;
function countInTitle() {
  const waiting = document.querySelector("#waiting .count")?.firstChild?.textContent;
  document.title = waiting ? `(${waiting}) ${plain}` : plain;
}
const counted = at("waiting");
if (counted) new MutationObserver(countInTitle).observe(counted, { childList: true, subtree: true });
// What is drawn anew brings its page's title along.
document.addEventListener("htmx:finally:swap", countInTitle);

const SOUND = "callslip-sound";
const sound = at("sound");
if (sound) {
  sound.checked = Boolean(localStorage.getItem(SOUND));
  sound.addEventListener("change", () => {
    if (sound.checked) localStorage.setItem(SOUND, "1");
    else localStorage.removeItem(SOUND);
    if (sound.checked) ring(false);
  });
}

let audio;
function ring(isUrgent) {
  if (!localStorage.getItem(SOUND)) return;
  audio ??= new AudioContext();
  tone(660, 0);
  if (isUrgent) [0.4, 0.8].forEach((later) => tone(880, later));
}
function tone(pitch, later) {
  const [from, volume] = [audio.createOscillator(), audio.createGain()];
  const begin = audio.currentTime + later;
  from.frequency.value = pitch;
  volume.gain.setValueAtTime(0.15, begin);
  volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.35);
  from.connect(volume).connect(audio.destination);
  from.start(begin);
  from.stop(begin + 0.35);
}

// Also in another tab: whichever hears it first tells it. What was told is counted by its place in
// the feed, since one question may be told more than once.
const TOLD = "callslip-told";
const told = () => Number(localStorage.getItem(TOLD) ?? 0);
document.addEventListener("began", (event) => {
  // A store made anew counts from the beginning.
  const last = Number(event.detail?.data ?? 0);
  if (told() > last) localStorage.setItem(TOLD, String(last));
});
document.addEventListener("opened", (event) => {
  const [place, kind, ...words] = String(event.detail?.data ?? "").split(" ");
  if (told() >= Number(place)) return;
  localStorage.setItem(TOLD, place);
  const isUrgent = kind === "urgent";
  at(isUrgent ? "alarm" : "live").textContent = words.join(" ");
  ring(isUrgent);
});

// Who was signed out elsewhere sees it here too.
document.addEventListener("htmx:sse:error", (event) => {
  if (event.detail?.status === 401) location.reload();
});

// ---- one question

function lastSaid() {
  const talk = at("talk");
  if (talk) talk.scrollTop = talk.scrollHeight;
}
lastSaid();
document.addEventListener("htmx:after:swap", (event) => {
  const talk = at("talk");
  if (!talk) return;
  const last = talk.lastElementChild?.id;
  if (last && last !== talk.dataset.last) lastSaid();
  talk.dataset.last = last;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "body") {
    event.preventDefault();
    at("send").click();
  }
});

// ---- the service is away, or refuses: the page stays as it is and says so

const AWAY = "The service does not answer just now. What is on this page stays; it is tried again by itself.";
const OUT = "You are signed out. Sign in in another tab: what is on this page stays.";
const OLD = "This page cannot be brought up to date. Copy what you typed, then load it again.";
// Of what is typed: changed since it was kept, and not kept because the service was away.
let typed = false;
let unkept = false;

const isBox = (event) => event.detail?.ctx?.sourceElement?.id === "body";
function trouble(words) {
  if (at("trouble").textContent !== words) at("trouble").textContent = words;
}
function failed(event) {
  const ctx = event.detail?.ctx;
  if (!ctx) return;
  const status = ctx.response?.status ?? 0;
  if (isBox(event)) unkept = true;
  trouble(status === 401 ? OUT : status === 0 || status >= 500 ? AWAY : OLD);
}
document.addEventListener("htmx:response:error", failed);
document.addEventListener("htmx:error", failed);
document.addEventListener("htmx:after:request", (event) => {
  if ((event.detail?.ctx?.response?.status ?? 500) >= 400) return;
  if (isBox(event)) unkept = typed = false;
  if (unkept) again();
  else trouble("");
});
function again() {
  at("body")?.dispatchEvent(new Event("again"));
}
setInterval(() => unkept && again(), 5000);

document.addEventListener("input", (event) => {
  if (event.target.id === "body") typed = true;
});
// Once it is being sent it is no draft any more.
const isSent = () => Boolean(at("box")?.dataset.sent);
document.addEventListener("htmx:before:request", (event) => {
  if (isBox(event) && isSent()) event.preventDefault();
});
// What was typed in the last moment before one leaves.
addEventListener("pagehide", () => {
  if (!typed || isSent() || !at("body")) return;
  navigator.sendBeacon(at("body").getAttribute("hx-post"), new URLSearchParams(new FormData(at("box"))));
});

// ---- by key through the list

function step(by) {
  const rows = [...document.querySelectorAll("ol.queue a")];
  if (rows.length === 0) return;
  const now = rows.indexOf(document.activeElement);
  const next = now < 0 ? (by > 0 ? 0 : rows.length - 1) : now + by;
  rows[Math.min(Math.max(next, 0), rows.length - 1)].focus();
}
