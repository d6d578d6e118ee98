// An SMSC for tests, made of the npm package `smpp`: accounts, delivery receipts in the ways in
// which providers write them, parts joined, texts kept until they are acknowledged and brought
// again by the next connection. It does what lines of JSON on its standard input say, and says
// what happens in lines of JSON on its standard output. It ends with its standard input.
'use strict';

const fs = require('fs');
const smpp = require('smpp');

const settings = {
  systemId: 'library',
  password: 'secret',
  // How the answer to a message writes its id, and how its receipt does.
  answer: 'decimal', // decimal, hex, upper, padded
  receipt: 'decimal',
  receiptForm: 'words', // words, fields, none
  // Answers ESME_RTHROTTLED to every so many messages.
  throttleEvery: 0,
  // Hangs up instead of answering the next so many messages, which it has taken.
  hangUpAfter: 0,
  answerDelay: 2,
  // Waits for each acknowledgement before the next deliver_sm, or has so many on their way.
  deliverWindow: 10,
};

const OK = 0x00;
const THROTTLED = 0x58;
const NOT_NOW = 0x64;

let sessions = [];
let lastId = 1715003;
let submits = 0;
let unanswered = 0;
let mostUnanswered = 0;
// Texts for the library, until it has acknowledged them.
const waiting = [];
const onTheirWay = new Map();
const parts = new Map();
let held = [];

function say(event) {
  process.stdout.write(JSON.stringify(event) + '\n');
}

function write(id, form) {
  switch (form) {
    case 'hex': return id.toString(16);
    case 'upper': return id.toString(16).toUpperCase();
    case 'padded': return id.toString().padStart(14, '0');
    case 'padded-hex': return id.toString(16).padStart(10, '0');
    default: return id.toString();
  }
}

// Of a message in parts, the whole once all are there.
function whole(pdu) {
  const text = pdu.message_payload ? pdu.message_payload.message : pdu.short_message.message;
  const header = (pdu.short_message.udh || []).find((element) => element[0] === 0);
  if (!header) return { text, count: 1 };
  const [, , reference, total, place] = header;
  const key = [pdu.source_addr, pdu.destination_addr, reference, total].join(' ');
  const there = parts.get(key) || new Map();
  there.set(place, text);
  parts.set(key, there);
  if (there.size < total) return null;
  parts.delete(key);
  let joined = '';
  for (let next = 1; next <= total; next += 1) joined += there.get(next);
  return { text: joined, count: total };
}

function receive(session, pdu) {
  submits += 1;
  unanswered += 1;
  mostUnanswered = Math.max(mostUnanswered, unanswered);
  setTimeout(() => {
    unanswered -= 1;
    if (settings.throttleEvery && submits % settings.throttleEvery === 0) {
      say({ throttled: true });
      session.send(pdu.response({ command_status: THROTTLED }));
      return;
    }
    lastId += 1;
    const id = lastId;
    const message = whole(pdu);
    if (message) {
      say({
        submit: message.text,
        parts: message.count,
        from: pdu.source_addr,
        to: pdu.destination_addr,
        coding: pdu.data_coding,
      });
    }
    if (settings.hangUpAfter > 0) {
      settings.hangUpAfter -= 1;
      say({ hungUp: true });
      session.destroy();
      return;
    }
    session.send(pdu.response({ message_id: write(id, settings.answer) }));
    if (pdu.registered_delivery) report(pdu, id);
  }, settings.answerDelay);
}

function report(pdu, id) {
  if (settings.receiptForm === 'none') return;
  const written = write(id, settings.receipt);
  const receipt = {
    source_addr: pdu.destination_addr,
    source_addr_ton: pdu.dest_addr_ton,
    source_addr_npi: pdu.dest_addr_npi,
    destination_addr: pdu.source_addr,
    esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
    data_coding: 0,
    short_message: '',
  };
  if (settings.receiptForm === 'fields') {
    receipt.receipted_message_id = written;
    receipt.message_state = smpp.MESSAGE_STATE.DELIVERED;
  } else {
    receipt.short_message = Buffer.from(
      `id:${written} sub:001 dlvrd:001 submit date:2601021504 done date:2601021505 ` +
        'stat:DELIVRD err:000 text:'
    );
  }
  deliver({ fields: receipt });
}

// What is to be brought to the library. `n`: what to call it when it is acknowledged.
function deliver(item) {
  waiting.push(item);
  bring();
}

function bring() {
  const session = sessions[sessions.length - 1];
  while (session && waiting.length > 0 && onTheirWay.size < settings.deliverWindow) {
    const item = waiting.shift();
    const key = {};
    onTheirWay.set(key, item);
    session.deliver_sm(Object.assign({}, item.fields), (answer) => {
      if (!onTheirWay.delete(key)) return;
      if (answer.command_status === NOT_NOW) {
        setTimeout(() => deliver(item), 200);
      } else if (item.n !== undefined) {
        say({ acknowledged: item.n, status: answer.command_status });
      }
      if (item.then) item.then();
      bring();
    });
  }
}

// Whatever was not acknowledged comes again, first.
function lose(session) {
  sessions = sessions.filter((other) => other !== session);
  waiting.unshift(...onTheirWay.values());
  onTheirWay.clear();
  unanswered = 0;
}

function texts(command) {
  const fields = {
    source_addr: command.from,
    source_addr_ton: 1,
    source_addr_npi: 1,
    destination_addr: command.to,
    data_coding: command.coding || 0,
  };
  const units = command.coding === 8 ? Buffer.from(command.text, 'utf16le').swap16() : null;
  const octets = units || Buffer.from(command.text, 'latin1');
  const most = units ? 134 : 153;
  if (octets.length <= (units ? 140 : 160)) return [{ ...fields, short_message: octets }];
  const total = Math.ceil(octets.length / most);
  const all = [];
  for (let place = 1; place <= total; place += 1) {
    const segment = octets.subarray((place - 1) * most, place * most);
    const header = Buffer.from([5, 0, 3, command.reference || 1, total, place]);
    all.push({ ...fields, esm_class: 0x40, short_message: Buffer.concat([header, segment]) });
  }
  return command.backwards ? all.reverse() : all;
}

// With TLS where it is given a certificate and its key.
const folder = process.env.SMSC_TLS;
const secure = folder && {
  key: fs.readFileSync(`${folder}/key.pem`),
  cert: fs.readFileSync(`${folder}/cert.pem`),
};

const server = smpp.createServer(secure || {}, (session) => {
  session.on('error', () => session.destroy());
  session.on('close', () => lose(session));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    session.send(pdu.response());
    say({ unbound: true });
    session.close();
  });
  session.on('bind_transceiver', (pdu) => {
    const known = pdu.system_id === settings.systemId && pdu.password === settings.password;
    say({ bind: pdu.system_id, type: pdu.system_type, ok: known });
    if (!known) {
      session.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }));
      session.close();
      return;
    }
    session.send(pdu.response({ system_id: 'smsc' }));
    sessions.push(session);
    bring();
  });
  session.on('submit_sm', (pdu) => receive(session, pdu));
});

let port = 0;
function open() {
  server.listen(port, '127.0.0.1', () => {
    port = server.address().port;
    say({ listening: port });
  });
}

function hangUp() {
  for (const session of sessions.slice()) session.destroy();
}

const commands = {
  set: (command) => Object.assign(settings, command.to),
  deliver: (command) => {
    const all = texts(command);
    const items = all.map((fields, index) => {
      return { n: index === all.length - 1 ? command.n : undefined, fields };
    });
    // The first so many go now, and the rest when it is said.
    const hold = command.hold || items.length;
    held = items.slice(hold);
    items.slice(0, hold).forEach((item, index) => {
      if (index === hold - 1 && held.length > 0) item.then = () => say({ held: held.length });
      deliver(item);
    });
  },
  release: () => held.splice(0).forEach(deliver),
  hangUp,
  close: () => {
    server.close(() => say({ closed: true }));
    hangUp();
  },
  open,
  mostUnanswered: () => {
    say({ mostUnanswered });
    mostUnanswered = 0;
  },
};

let line = '';
process.stdin.on('data', (data) => {
  const lines = (line + data).split('\n');
  line = lines.pop();
  for (const text of lines) {
    const command = JSON.parse(text);
    commands[command.do](command);
  }
});
process.stdin.on('end', () => process.exit(0));
open();
