// Draws a conversation: bubbles, what each costs and where it stands, contact cards, and what came
// of each text. Everything that anybody has typed is set as text, never as markup.

import { written } from "./phones.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { weekday: "long", month: "long", day: "numeric" });

const STATES = {
  offered: "Sending",
  handed: "Sent",
  queued: "Waiting to be sent",
  leased: "Sending",
  sent: "Sent",
  delivered: "Delivered",
  failed: "Not delivered",
  unclear: "Nobody knows whether it arrived",
  cancelled: "Cancelled",
};

/** Why no answer came. */
const SILENCES = {
  courtesy: "thanks and the like need none",
  tapback: "a reaction to a message needs none",
  "opted-out": "this phone has texted STOP; START brings it back",
  "stop-again": "this phone has texted STOP before",
  "machine-sender": "machines get none",
  "stray-answer": "a bare answer to no question gets an explanation once a day",
};

/** Why a person has it. */
const TICKETS = {
  unmatched: "no keyword says this",
  fault: "the flow failed",
  "hand-off": "the flow gave it to a person",
  "handed-off": "the flow gave it to a person",
  "gave-up": "the answers were not understood",
  correction: "the answer was not the right one",
  "library-off": "the library's configuration has an error",
  "session-withdrawn": "the flow was changed in the meantime",
};

/** Brings `list` up to date with `texts`, then those that are still on their way. */
export function draw(list, texts, onTheirWay, brand, again) {
  const wanted = [];
  let day = null;
  for (const text of texts) {
    const today = calendar.format(text.at);
    if (today !== day) wanted.push(["day", `day ${today}`, () => dayLine(text.at)]);
    day = today;
    wanted.push([`text ${text.id}`, JSON.stringify([text, brand]), () => turn(text, brand)]);
  }
  for (const text of onTheirWay) {
    wanted.push([`way ${text.id}`, JSON.stringify(text), () => way(text, again)]);
  }
  let at = list.firstElementChild;
  for (const [key, shown, make] of wanted) {
    if (at?.dataset.key === key && at.shown === shown) {
      at = at.nextElementSibling;
      continue;
    }
    const item = make();
    item.dataset.key = key;
    item.shown = shown;
    if (at?.dataset.key === key) {
      const next = at.nextElementSibling;
      at.replaceWith(item);
      at = next;
    } else {
      list.insertBefore(item, at);
    }
  }
  while (at) {
    const next = at.nextElementSibling;
    at.remove();
    at = next;
  }
}

/** What a reply is called where nothing can be seen. */
export function told(message, brand) {
  const card = message.media.some((media) => media.kind === "card") ? ", with a contact card" : "";
  return `${message.library ?? brand}${card}: ${message.body}`;
}

function dayLine(at) {
  const today = calendar.format(Date.now()) === calendar.format(at);
  return make("li", "day", today ? "Today" : calendar.format(at));
}

function turn(text, brand) {
  const item = make("li", "turn");
  const by = text.outcome?.outcome === "answered" && text.outcome.flow;
  const typed = bubble("mine", "You", text.body ?? "Not kept: it was secret.", [
    clock.format(text.at),
    text.cost && cost(text.cost),
    by && `answered by \u201c${text.outcome.flow}\u201d`,
  ]);
  if (text.body === null) typed.classList.add("secret");
  item.append(typed);
  let speaker = null;
  for (const message of text.messages) {
    const name = message.library ?? brand;
    item.append(reply(message, name, name !== speaker));
    speaker = name;
  }
  const line = outcome(text);
  if (line) item.append(make("p", `note ${text.outcome?.outcome ?? "waiting"}`, line));
  return item;
}

function reply(message, name, isNamed) {
  const state = STATES[message.state] ?? message.state;
  const reply = bubble("theirs", isNamed ? name : null, message.body, [
    clock.format(message.at),
    cost(message.cost),
    message.reason ? `${state}: ${message.reason}` : state,
  ]);
  if (["failed", "unclear", "cancelled"].includes(message.state)) reply.classList.add("wrong");
  const meta = reply.lastElementChild;
  for (const media of message.media) {
    meta.before(media.kind === "card" ? card(media) : attachment(media));
  }
  return reply;
}

function way(text, again) {
  const item = make("li", "turn way");
  const typed = bubble("mine", "You", text.body, [text.problem ? "Not sent" : "Sending"]);
  item.append(typed);
  if (text.problem) {
    typed.classList.add("wrong");
    const note = make("p", "note silent", `${text.problem} `);
    const button = make("button", "link", "Send it again");
    button.type = "button";
    button.addEventListener("click", () => again(text));
    note.append(button);
    item.append(note);
  }
  return item;
}

function bubble(side, name, body, meta) {
  const bubble = make("div", `bubble ${side}`);
  if (name) bubble.append(make("p", side === "mine" ? "unseen" : "name", name));
  const words = make("p", "body");
  if (side === "mine") words.textContent = body;
  else linked(words, body);
  bubble.append(words, make("p", "meta", meta.filter(Boolean).join(" \u00b7 ")));
  return bubble;
}

/** As a phone does it: web addresses in what a library says can be tapped. */
function linked(place, body) {
  for (const part of body.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/)) {
    if (/^https?:\/\//.test(part)) place.append(link(part, part));
    else place.append(part);
  }
}

function link(href, name) {
  const link = make("a", null, name);
  link.href = href;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

/** As a phone shows one that it can save. */
function card(media) {
  const card = make("div", "card");
  card.setAttribute("role", "group");
  card.setAttribute("aria-label", `Contact card of ${media.name}`);
  const head = make("div", "card-head");
  const mark = make("span", "mark", initials(media.name));
  mark.setAttribute("aria-hidden", "true");
  head.append(mark, make("p", "card-name", media.name));
  const facts = make("dl");
  const rows = [
    ["text", written(media.texting)],
    ["call", media.voice && written(media.voice)],
    ["website", media.url?.replace(/^https?:\/\//, "")],
    ["e-mail", media.email],
    ["address", media.address],
    ["note", media.note],
  ];
  for (const [name, value] of rows) {
    if (value) facts.append(make("dt", null, name), make("dd", null, value));
  }
  const save = make("a", "save", "Save contact (.vcf)");
  save.href = media.href;
  save.setAttribute("download", "");
  card.append(head, facts, save);
  return card;
}

function attachment(media) {
  const place = make("p", "attachment");
  const name = media.description || media.content_type;
  if (/^https?:\/\//.test(media.href)) place.append(link(media.href, `${name} (opens elsewhere)`));
  else place.append(name);
  return place;
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return words.slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
}

function outcome(text) {
  if (!text.outcome) return "Under way";
  const { outcome, reason, ticket, library } = text.outcome;
  if (outcome === "ticketed") {
    const why = TICKETS[reason] ? ` Why: ${TICKETS[reason]}.` : "";
    const who = library ? `A person at ${library}` : "A person";
    return ticket === null ? `${who} has this.${why}` : `${who} has this: ticket ${ticket}.${why}`;
  }
  if (outcome === "silent") return `No answer: ${SILENCES[reason] ?? reason}.`;
  return null;
}

function cost({ segments, encoding }) {
  return `${segments} ${segments === 1 ? "segment" : "segments"}, ${encoding}`;
}

function make(tag, kind, words) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  if (words !== undefined) element.textContent = words;
  return element;
}
