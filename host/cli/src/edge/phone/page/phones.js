// The simulated phones of this browser: which there are, which one is in the hand, which number
// each texts. Kept in the browser and, for the one in the hand, in the address. Knows no server.

const KEPT = "callslip.phones";

/** Each with `number`, `to` and, by number texted, `seen`: how many messages were looked at. */
let phones = read();

export function all() {
  return phones;
}

export function find(number) {
  return phones.find((phone) => phone.number === number);
}

/** The one in the address, else the first, else a new one. */
export function current() {
  const [number, to] = inAddress();
  let phone = find(number);
  if (!phone && isNumber(number)) phone = keep({ number, seen: {} });
  phone ??= phones[0] ?? make();
  if (to) phone.to = to;
  return phone;
}

export function make() {
  let number;
  do number = fresh();
  while (find(number));
  return keep({ number, seen: {} });
}

export function remove(number) {
  phones = phones.filter((phone) => phone.number !== number);
  save();
}

export function save() {
  try {
    localStorage.setItem(KEPT, JSON.stringify(phones));
  } catch {
    // Storage is full or forbidden: the phones last as long as the page.
  }
}

/** Another window has changed them. */
export function onChanged(tell) {
  addEventListener("storage", (event) => {
    if (event.key !== KEPT) return;
    phones = read();
    tell();
  });
}

export function address(phone) {
  return phone.to ? `#${phone.number}/${phone.to}` : `#${phone.number}`;
}

/** As people write it. */
export function written(number) {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return parts ? `(${parts[1]}) ${parts[2]}-${parts[3]}` : number;
}

function keep(phone) {
  phones.push(phone);
  save();
  return phone;
}

// No real phone has the area code 555.
function fresh() {
  const [chance] = crypto.getRandomValues(new Uint32Array(1));
  return `+1555${2_000_000 + (chance % 8_000_000)}`;
}

function inAddress() {
  let hash = location.hash.slice(1);
  try {
    hash = decodeURIComponent(hash);
  } catch {
    return [];
  }
  return hash.split("/");
}

function isNumber(number) {
  return /^\+[1-9]\d{6,14}$/.test(number ?? "");
}

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT)) ?? [];
    return kept
      .filter((phone) => isNumber(phone?.number))
      .map(({ number, to, seen }) => ({ number, to, seen: seen ?? {} }));
  } catch {
    return [];
  }
}
