// How frames travel between a room's page and the server: over a WebSocket or, where none can be
// had (a proxy that refuses the upgrade), as Server-Sent Events, with a POST for each frame that
// is said. Both take and give the protocol's frames; `on` has open(), frame(frame), closed(code).

const PROTOCOL = "reeltime.v1";
const LIVE = "/api/v1/live";
const POST_MS = 12_000;
const GOODBYE = 1000;
const BROKEN = 1006;
// A browser opens six connections to a host for all its tabs together: so many may be streams.
const STREAMS = 3;
// A tab without one listens for a moment at a time: what it has missed comes at once.
const MOMENT_MS = 300;
const BETWEEN_MS = 3_000;
const BETWEEN_HIDDEN_MS = 8_000;

export class SocketWire {
  #socket;

  constructor(on) {
    const address = new URL(LIVE, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.#socket = new WebSocket(address, PROTOCOL);
    this.#socket.addEventListener("open", () => on.open());
    this.#socket.addEventListener("message", ({ data }) => on.frame(JSON.parse(data)));
    this.#socket.addEventListener("close", ({ code }) => on.closed(code));
  }

  get isOpen() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  say(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  close() {
    this.#socket.close(GOODBYE);
  }
}

export class EventsWire {
  #on;
  #source;
  // Gives this tab's stream back; undefined: it has none.
  #release;
  #timer;
  isOpen = true;

  constructor(on) {
    this.#on = on;
    queueMicrotask(() => on.open());
  }

  say(frame) {
    switch (frame.t) {
      case "hello":
        // there is nobody to greet before one listens to a room
        queueMicrotask(() => this.#on.frame({ t: "welcome", id: frame.id }));
        break;
      case "sub":
        this.#listen(frame);
        break;
      case "pong":
        break;
      default:
        this.#post(frame);
    }
  }

  close() {
    this.isOpen = false;
    this.#source?.close();
    clearTimeout(this.#timer);
    this.#release?.();
  }

  async #listen(frame) {
    this.#source?.close();
    clearTimeout(this.#timer);
    this.#release ??= await takeStream();
    if (!this.isOpen) {
      this.#release?.();
      return;
    }
    const address = new URL(`/api/v1/rooms/${frame.room}/events`, location.href);
    // who does not look, and is heard of now and then alone, is not there
    const isThere = this.#release || !document.hidden;
    if (frame.enter && isThere) address.searchParams.set("enter", "true");
    if (frame.after) address.searchParams.set("from", `${frame.after.epoch}:${frame.after.seq}`);
    const source = new EventSource(address);
    this.#source = source;
    let hears = false;
    source.addEventListener("message", ({ data }) => {
      hears = true;
      const told = JSON.parse(data);
      this.#on.frame(told.t === "subscribed" ? { ...told, id: frame.id } : told);
      if (told.t === "subscribed" && !this.#release) this.#listenLater(source, frame.room);
    });
    source.addEventListener("error", () => {
      // it would come back by itself, at once and together with everybody else
      source.close();
      if (source !== this.#source) return;
      if (hears) this.#end();
      else this.#askWhy(frame);
    });
  }

  #listenLater(source, room) {
    this.#timer = setTimeout(() => {
      source.close();
      const pause = document.hidden ? BETWEEN_HIDDEN_MS : BETWEEN_MS;
      const again = { t: "ended", code: "resubscribe", room };
      this.#timer = setTimeout(() => this.#on.frame(again), pause);
    }, MOMENT_MS);
  }

  // A stream that does not begin says nothing of the reason.
  async #askWhy({ id, room }) {
    const answer = await post({ t: "history", id, room, limit: 1 }).catch(() => undefined);
    if (answer?.t === "error") this.#on.frame(answer);
    // who hears that it passes closes this wire
    if (!answer?.temporary) this.#end();
  }

  #end() {
    if (!this.isOpen) return;
    this.close();
    this.#on.closed(BROKEN);
  }

  async #post(frame) {
    const offline = { t: "error", id: frame.id, code: "offline", temporary: true };
    const answer = await post(frame).catch(() => offline);
    if (answer && frame.id !== undefined) this.#on.frame(answer);
  }
}

// One of the browser's streams, if one is free: what gives it back.
async function takeStream() {
  if (!navigator.locks) return () => {};
  for (let n = 1; n <= STREAMS; n++) {
    const release = await new Promise((taken) => {
      navigator.locks.request(`reeltime-stream-${n}`, { ifAvailable: true }, (lock) => {
        if (lock) return new Promise(taken);
        taken(undefined);
      });
    });
    if (release) return release;
  }
}

// A page's last word: it needs no line, and nobody waits for the answer.
export function leaveWord(frame) {
  send({ id: 0, ...frame }, { keepalive: true }).catch(() => {});
}

function send(frame, how) {
  return fetch(LIVE, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    credentials: "same-origin",
    body: JSON.stringify(frame),
    ...how,
  });
}

async function post(frame) {
  const answer = await send(frame, { signal: AbortSignal.timeout(POST_MS) });
  if (!answer.ok) throw new Error(`${LIVE}: ${answer.status}`);
  return answer.status === 204 ? undefined : answer.json();
}
