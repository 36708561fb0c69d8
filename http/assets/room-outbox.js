// What was typed and is not acknowledged yet: kept in IndexedDB until the server has it, through
// reloads and without a network. Sent in order, each under its own cid: sent twice, it is there
// once. All tabs of a member have the same: what was refused is marked there, and waits for its
// author. What can't be kept (in some private windows, on a full disk, once the browser has cleared
// what pages keep) lasts as long as the page.

export const OUTBOX = "reeltime";
const STORE = "outbox";

export class Outbox {
  #room;
  #owner;
  #database = open();
  #remembered = new Map();
  #tabs;

  // `changed` is called when another tab has changed something: with {cid, seq} where it was
  // acknowledged.
  constructor(room, owner, changed) {
    this.#room = room;
    this.#owner = owner;
    this.#tabs = new BroadcastChannel(`${OUTBOX}-${STORE}:${owner}:${room}`);
    this.#tabs.addEventListener("message", ({ data }) => changed(data));
  }

  // In the order in which they were typed; `failed` is the code of why one was refused.
  async all() {
    const kept = await this.#run("readonly", (store) => store.getAll()).catch(() => []);
    const all = new Map([...kept.map((message) => [message.cid, message]), ...this.#remembered]);
    return [...all.values()]
      .filter(({ room, owner }) => room === this.#room && owner === this.#owner)
      .sort((one, other) => (one.cid < other.cid ? -1 : 1));
  }

  async add(message) {
    const kept = { ...message, room: this.#room, owner: this.#owner };
    const remember = () => this.#remembered.set(message.cid, kept);
    await this.#run("readwrite", (store) => store.put(kept)).catch(remember);
  }

  // Makes a message one that was refused, by its code, or (null) one that waits again. False: another
  // tab was faster, or has discarded it.
  async mark(message, failed) {
    const marked = { ...message, failed };
    const remember = () => this.#remembered.set(message.cid, marked);
    let isChanged = true;
    if (this.#remembered.has(message.cid)) remember();
    else {
      const mark = (store) => {
        const asking = store.get(message.cid);
        asking.addEventListener("success", () => {
          isChanged = asking.result !== undefined && (asking.result.failed ?? null) !== failed;
          if (isChanged) store.put(marked);
        });
        return asking;
      };
      await this.#run("readwrite", mark).catch(remember);
    }
    if (isChanged) this.#tabs.postMessage({ cid: message.cid });
    return isChanged;
  }

  // Of what was acknowledged as this `seq`, or discarded. What stays there all the same is sent
  // again, and is there once.
  async remove(cid, seq) {
    this.#remembered.delete(cid);
    await this.#run("readwrite", (store) => store.delete(cid)).catch(() => {});
    this.#tabs.postMessage({ cid, seq });
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
