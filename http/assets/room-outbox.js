// What was typed and is not acknowledged yet: kept in IndexedDB until the server has it, through
// reloads and without a network. Sent in order, each under its own cid: sent twice, it is there
// once.

const DATABASE = "reeltime";
const STORE = "outbox";

export class Outbox {
  #room;
  #owner;
  #database;

  constructor(room, owner) {
    this.#room = room;
    this.#owner = owner;
    this.#database = open();
  }

  async all() {
    const kept = await run(this.#database, "readonly", (store) => store.getAll());
    return kept
      .filter(({ room, owner }) => room === this.#room && owner === this.#owner)
      .sort((one, other) => (one.cid < other.cid ? -1 : 1));
  }

  add(message) {
    const kept = { ...message, room: this.#room, owner: this.#owner };
    return run(this.#database, "readwrite", (store) => store.put(kept));
  }

  remove(cid) {
    return run(this.#database, "readwrite", (store) => store.delete(cid));
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const asking = indexedDB.open(DATABASE, 1);
    asking.onupgradeneeded = () => asking.result.createObjectStore(STORE, { keyPath: "cid" });
    asking.onsuccess = () => resolve(asking.result);
    asking.onerror = () => reject(asking.error);
  });
}

async function run(database, mode, act) {
  const transaction = (await database).transaction(STORE, mode);
  const asking = act(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asking.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

// UUIDv7: later ones sort behind earlier ones.
let last = 0;
export function newCid() {
  last = Math.max(Date.now(), last + 1);
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let place = 0; place < 6; place++) bytes[place] = Math.floor(last / 2 ** (40 - 8 * place)) & 255;
  bytes[6] = 0x70 | (bytes[6] & 15);
  bytes[8] = 0x80 | (bytes[8] & 63);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
