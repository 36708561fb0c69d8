// What was typed and is not acknowledged yet: kept in IndexedDB until the server has it, through
// reloads and without a network. Sent in order, each under its own cid: sent twice, it is there
// once. Where nothing may be kept (some private windows), it lasts as long as the page.

export const OUTBOX = "reeltime";
const STORE = "outbox";

export class Outbox {
  #room;
  #owner;
  #store;

  constructor(room, owner) {
    this.#room = room;
    this.#owner = owner;
    // Somebody has signed out in another tab.
    const forget = () => (this.#store = new Remembered());
    this.#store = open(forget).then((database) => new Kept(database), () => new Remembered());
  }

  async all() {
    const kept = await (await this.#store).all();
    return kept
      .filter(({ room, owner }) => room === this.#room && owner === this.#owner)
      .sort((one, other) => (one.cid < other.cid ? -1 : 1));
  }

  async add(message) {
    await (await this.#store).add({ ...message, room: this.#room, owner: this.#owner });
  }

  async remove(cid) {
    await (await this.#store).remove(cid);
  }
}

class Kept {
  #database;

  constructor(database) {
    this.#database = database;
  }

  all() {
    return this.#run("readonly", (store) => store.getAll());
  }

  add(message) {
    return this.#run("readwrite", (store) => store.put(message));
  }

  remove(cid) {
    return this.#run("readwrite", (store) => store.delete(cid));
  }

  #run(mode, act) {
    const transaction = this.#database.transaction(STORE, mode);
    const asking = act(transaction.objectStore(STORE));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asking.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}

class Remembered {
  #messages = new Map();

  all() {
    return [...this.#messages.values()];
  }

  add(message) {
    this.#messages.set(message.cid, message);
  }

  remove(cid) {
    this.#messages.delete(cid);
  }
}

function open(forget) {
  return new Promise((resolve, reject) => {
    const asking = indexedDB.open(OUTBOX, 1);
    asking.onupgradeneeded = () => asking.result.createObjectStore(STORE, { keyPath: "cid" });
    asking.onsuccess = () => {
      const database = asking.result;
      database.onversionchange = () => {
        database.close();
        forget();
      };
      resolve(database);
    };
    asking.onerror = () => reject(asking.error);
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
