// What was typed and is not acknowledged yet: kept in IndexedDB until the server has it, through
// reloads and without a network. Sent in order, each under its own cid: sent twice, it is there
// once. What can't be kept (in some private windows, on a full disk, once the browser has cleared
// what pages keep) lasts as long as the page.

export const OUTBOX = "reeltime";
const STORE = "outbox";

export class Outbox {
  #room;
  #owner;
  #database = open();
  #remembered = new Map();

  constructor(room, owner) {
    this.#room = room;
    this.#owner = owner;
  }

  async all() {
    const kept = await this.#run("readonly", (store) => store.getAll()).catch(() => []);
    return [...kept, ...this.#remembered.values()]
      .filter(({ room, owner }) => room === this.#room && owner === this.#owner)
      .sort((one, other) => (one.cid < other.cid ? -1 : 1));
  }

  async add(message) {
    const kept = { ...message, room: this.#room, owner: this.#owner };
    const remember = () => this.#remembered.set(message.cid, kept);
    await this.#run("readwrite", (store) => store.put(kept)).catch(remember);
  }

  // What stays there all the same is sent again, and is there once.
  async remove(cid) {
    this.#remembered.delete(cid);
    await this.#run("readwrite", (store) => store.delete(cid)).catch(() => {});
  }

  async #run(mode, act) {
    const transaction = (await this.#database).transaction(STORE, mode);
    const asking = act(transaction.objectStore(STORE));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asking.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}

async function open() {
  const asking = indexedDB.open(OUTBOX, 1);
  asking.onupgradeneeded = () => asking.result.createObjectStore(STORE, { keyPath: "cid" });
  return new Promise((resolve, reject) => {
    asking.onsuccess = () => {
      const database = asking.result;
      // Somebody has signed out in another tab.
      database.onversionchange = () => database.close();
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
