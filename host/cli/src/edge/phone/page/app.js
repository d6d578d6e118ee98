// The page itself: what is typed goes to the server, what is new comes from it. The server says
// only at which number something happened; each conversation is then fetched whole, so that the
// page is right again after anything that was missed.

import * as phones from "./phones.js";
import { draw, told } from "./thread.js";

const at = (id) => document.getElementById(id);
const list = at("phones");
const turns = at("turns");
const thread = at("thread");
const to = at("to");
const body = at("body");

/** Words of the host that every library understands. */
const COMMON = ["MENU", "HELP", "STOP", "START"];
/** Nothing answers it, so that a person gets it. */
const QUESTION = "Do you lend ukuleles?";
/** What is not settled yet is looked up again, less and less often. */
const AGAIN_MS = [500, 1000, 2000, 5000, 10000, 30000];

let numbers = [];
let inHand;
/** By phone and number: what is known of a conversation. */
const talks = new Map();

function talk(phone) {
  const key = `${phone.number} ${phone.to}`;
  if (!talks.has(key)) {
    talks.set(key, { texts: [], onTheirWay: [], asked: 0, known: null, tries: 0, draft: "" });
  }
  return talks.get(key);
}

// ---- the server

async function ask(path, value) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(value),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(answer.error ?? "The service refused it.");
  return answer;
}

class Refused extends Error {}

async function look(phone) {
  const seen = talk(phone);
  const asked = ++seen.asked;
  let texts;
  try {
    ({ texts } = await ask("/phone/thread", { from: phone.number, to: phone.to }));
  } catch {
    return; // The line at the top says so; the next event looks again.
  }
  if (asked !== seen.asked) return; // A later question has the answer.
  take(phone, seen, texts);
}

function take(phone, seen, texts) {
  const messages = texts.flatMap((text) => text.messages);
  const fresh = seen.known && messages.filter((message) => !seen.known.has(message.id));
  seen.known = new Set(messages.map((message) => message.id));
  seen.texts = texts;
  seen.onTheirWay = seen.onTheirWay.filter((text) => !text.taken);
  if (phone === inHand) {
    phone.seen[phone.to] = messages.length;
    show();
    if (fresh?.length) say(fresh.map((message) => told(message, brand(phone.to))).join(" "));
  } else if (fresh?.length) {
    say(`New text on ${phones.written(phone.number)}.`);
  }
  phones.save();
  showPhones();
  lookAgain(phone, seen, texts);
}

function lookAgain(phone, seen, texts) {
  clearTimeout(seen.timer);
  const open = (message) => ["offered", "queued", "leased"].includes(message.state);
  const isOpen = texts.some((text) => !text.outcome || text.messages.some(open));
  if (!isOpen) {
    seen.tries = 0;
  } else if (seen.tries < AGAIN_MS.length) {
    seen.timer = setTimeout(look, AGAIN_MS[seen.tries++], phone);
  }
}

async function send(text) {
  const phone = inHand;
  const seen = talk(phone);
  // With the same id a second try is no second text.
  const sent = { id: crypto.randomUUID?.() ?? String(Math.random()).slice(2), body: text };
  seen.onTheirWay.push(sent);
  show(true);
  await hand(phone, seen, sent);
}

async function hand(phone, seen, sent) {
  delete sent.problem;
  if (phone === inHand) show(true);
  try {
    await ask("/phone/texts", { id: sent.id, from: phone.number, to: phone.to, text: sent.body });
    sent.taken = true;
  } catch (error) {
    sent.problem = error instanceof Refused ? error.message : "The service does not answer.";
    if (phone === inHand) {
      show(true);
      say(`Not sent. ${sent.problem}`);
    }
    return;
  }
  await look(phone);
}

function listen() {
  const source = new EventSource("/phone/events");
  source.onopen = () => {
    live("live", "Live");
    loadNumbers();
  };
  source.onmessage = (event) => {
    const { number } = JSON.parse(event.data);
    for (const phone of phones.all()) if (phone.to === number) look(phone);
  };
  source.onerror = () => {
    if (document.hidden) return;
    live("lost", "No answer. Trying again");
    if (source.readyState === EventSource.CLOSED) setTimeout(restart, 2000);
  };
  // A browser opens six connections to one host: pages that nobody sees give theirs back.
  document.addEventListener("visibilitychange", restart, { once: true });
  let isOver = false;

  function restart() {
    if (isOver) return;
    isOver = true;
    document.removeEventListener("visibilitychange", restart);
    source.close();
    if (document.hidden) document.addEventListener("visibilitychange", listen, { once: true });
    else listen();
  }
}

async function loadNumbers() {
  try {
    numbers = (await (await fetch("/phone/numbers")).json()).numbers;
  } catch {
    return; // The next connection asks again.
  }
  const options = numbers.map(({ number, brand }) => {
    return new Option(`${phones.written(number)} \u00b7 ${brand}`, number);
  });
  to.replaceChildren(...options);
  for (const phone of phones.all()) settle(phone);
  takeUp(phones.current());
  for (const phone of phones.all()) if (phone.to) look(phone);
}

/** Texts a number that there is. */
function settle(phone) {
  if (!numbers.some(({ number }) => number === phone.to)) phone.to = numbers[0]?.number;
}

function brand(number) {
  return numbers.find((known) => known.number === number)?.brand ?? number;
}

// ---- the page

function takeUp(phone) {
  settle(phone);
  if (inHand) talk(inHand).draft = body.value;
  const changed = phone !== inHand;
  inHand = phone;
  if (location.hash !== phones.address(phone)) history.replaceState(null, "", phones.address(phone));
  at("who").textContent = phones.written(phone.number);
  to.value = phone.to ?? "";
  if (changed) body.value = talk(phone).draft;
  phone.seen[phone.to] = talk(phone).known?.size ?? phone.seen[phone.to];
  phones.save();
  if (changed) turns.replaceChildren();
  show(true);
  showPhones();
  showWords();
}

function choose(phone) {
  if (location.hash === phones.address(phone)) takeUp(phone);
  else location.hash = phones.address(phone); // Back leads to the phone before.
}

function show(toEnd) {
  const { texts, onTheirWay } = talk(inHand);
  const isAtEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  draw(turns, texts, onTheirWay, brand(inHand.to), (sent) => hand(inHand, talk(inHand), sent));
  at("empty").hidden = texts.length + onTheirWay.length > 0 || !talk(inHand).known;
  if (toEnd || isAtEnd) thread.scrollTop = thread.scrollHeight;
}

function showPhones() {
  const items = phones.all().map((phone) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.number = phone.number;
    if (phone === inHand) button.setAttribute("aria-current", "true");
    const { texts, known } = talk(phone);
    const last = texts.at(-1);
    const fresh = Math.max(0, (known?.size ?? 0) - (phone.seen[phone.to] ?? 0));
    button.append(
      span("number", phones.written(phone.number)),
      span("last", last?.messages.at(-1)?.body ?? last?.body ?? "No texts yet"),
    );
    if (fresh && phone !== inHand) button.append(span("fresh", `${fresh} new`));
    button.addEventListener("click", () => choose(phone));
    item.append(button);
    return item;
  });
  const focused = document.activeElement?.dataset?.number;
  list.replaceChildren(...items);
  if (focused) list.querySelector(`[data-number="${focused}"]`)?.focus();
  at("remove").hidden = phones.all().length < 2;
}

function showWords() {
  const number = numbers.find((known) => known.number === inHand.to);
  const groups = (number?.libraries ?? []).map((library) => {
    const before = number.shared && library.join ? `${library.join} ` : "";
    const words = before ? [library.join] : [];
    for (const { word, aliases } of library.keywords) {
      words.push(before + word);
      const other = aliases.find((alias) => alias.language && alias.language !== library.languages[0]);
      if (other) words.push(before + other.text);
    }
    return group(library.name, words);
  });
  groups.push(group("Everywhere", COMMON), group("For a person", [QUESTION]));
  at("words").replaceChildren(...groups);
}

function group(name, words) {
  const section = document.createElement("section");
  const title = document.createElement("h3");
  title.textContent = name;
  const buttons = words.map((word) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word;
    button.addEventListener("click", () => send(word));
    item.append(button);
    return item;
  });
  const items = document.createElement("ul");
  items.append(...buttons);
  section.append(title, items);
  return section;
}

function span(kind, words) {
  const span = document.createElement("span");
  span.className = kind;
  span.textContent = words;
  return span;
}

function say(words) {
  at("news").textContent = words;
}

function live(state, words) {
  const line = at("live");
  if (line.dataset.state === state) return;
  line.dataset.state = state;
  line.textContent = words;
}

// ---- the hands

at("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = body.value.trim();
  body.focus();
  if (!text || !inHand?.to) return;
  body.value = "";
  send(text);
});

body.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  at("write").requestSubmit();
});

at("add").addEventListener("click", () => {
  const phone = phones.make();
  phone.to = inHand?.to;
  settle(phone);
  talk(phone).known = new Set();
  choose(phone);
  body.focus();
});

at("remove").addEventListener("click", () => {
  phones.remove(inHand.number);
  choose(phones.all()[0]);
  list.querySelector("[aria-current]")?.focus();
});

to.addEventListener("change", () => {
  const phone = inHand;
  talk(phone).draft = body.value;
  phone.to = to.value;
  phones.save();
  choose(phone);
  look(phone);
});

at("skip").addEventListener("click", (event) => {
  event.preventDefault(); // The address names the phone.
  body.focus();
});

addEventListener("hashchange", () => {
  const phone = phones.current();
  takeUp(phone);
  if (phone.to) look(phone);
});

phones.onChanged(() => takeUp(phones.current()));

takeUp(phones.current());
listen();
