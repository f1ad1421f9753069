// Files over data channels. Nothing holds a whole file: it is read, sent, hashed and let go in pieces.

const MESSAGE = 65536;
const READ = 16 * MESSAGE; // bytes read from the file at once
const HIGH = 4 * 2 ** 20; // stop above this buffered amount …
const LOW = 2 ** 20; // … and go on below this one
const UNHASHED = 16 * 2 ** 20;
const KEEP = 64 * 2 ** 20; // copies up to this size can be saved

// SHA-256 of a stream, in a worker.
class Hash {
  #worker = new Worker(new URL("sha256.js", import.meta.url));
  #waiting = 0; // bytes given but not taken yet
  #wake = null;
  #resolve = null;
  #digest = new Promise((resolve) => (this.#resolve = resolve));

  constructor() {
    this.#worker.onmessage = ({ data }) => {
      if (typeof data === "string") return this.#resolve(data);
      this.#waiting -= data;
      if (this.#waiting < UNHASHED) this.#wake?.();
    };
  }

  // Takes the buffer away from the caller.
  update(buffer) {
    this.#waiting += buffer.byteLength;
    this.#worker.postMessage(buffer, [buffer]);
  }

  get behind() {
    return this.#waiting > UNHASHED / 2;
  }

  async room() {
    while (this.#waiting >= UNHASHED) await new Promise((resolve) => (this.#wake = resolve));
  }

  async digest() {
    this.#worker.postMessage(null);
    const digest = await this.#digest;
    this.stop();
    return digest;
  }

  stop() {
    this.#worker.terminate();
  }
}

// What both directions share. `sent`, `returned` and `seconds` are for the one who draws.
class Transfer {
  sent = 0;
  returned = 0;
  ended = null; // performance.now() when it was over
  started = performance.now();
  hash = new Hash(); // of what came from Python

  constructor(session, label, size) {
    this.size = size;
    this.channel = session.open(label);
    this.channel.bufferedAmountLowThreshold = LOW;
    this.theirs = new Promise((resolve, reject) => {
      this.channel.addEventListener("message", ({ data }) => (typeof data === "string" ? resolve(data) : this.take(data)));
      this.channel.addEventListener("close", () => reject(new Error("the connection ended before the transfer did")));
    });
    this.theirs.catch(() => {}); // whoever awaits it hears of it
  }

  take(buffer) {
    this.returned += buffer.byteLength;
    this.hash.update(buffer);
  }

  get leaving() {
    return this.channel.bufferedAmount;
  }

  get hashing() {
    return this.hash.behind;
  }

  // Whether there is nothing to send though not all is sent.
  get starved() {
    return false;
  }

  get seconds() {
    return ((this.ended ?? performance.now()) - this.started) / 1000;
  }

  async begin() {
    if (this.channel.readyState !== "open") await this.#event("open");
    this.started = performance.now();
    this.channel.send(String(this.size));
  }

  async room() {
    while (this.channel.bufferedAmount > HIGH) await this.#event("bufferedamountlow");
  }

  cancel() {
    this.channel.close();
  }

  end() {
    this.ended = performance.now();
    this.hash.stop();
    this.channel.close();
  }

  #event(name) {
    return new Promise((resolve, reject) => {
      this.channel.addEventListener(name, resolve, { once: true });
      this.theirs.catch(reject);
    });
  }
}

// Sends a file to Python, which hashes it and sends it back.
export class RoundTrip extends Transfer {
  #parts = [];

  constructor(session, file) {
    super(session, "file", file.size);
    this.file = file;
    this.own = new Hash();
  }

  take(buffer) {
    if (this.size <= KEEP) this.#parts.push(new Blob([buffer]));
    super.take(buffer);
  }

  // Resolves to the three digests, which should be one.
  async run() {
    try {
      await this.begin();
      await this.#send();
      const [theirs, own] = await Promise.all([this.theirs, this.own.digest()]);
      return { own, theirs, returned: await this.hash.digest() };
    } finally {
      this.own.stop();
      this.end();
    }
  }

  get hashing() {
    return this.own.behind || super.hashing;
  }

  get starved() {
    return this.sent > 0 && this.sent < this.size && this.leaving === 0;
  }

  get copy() {
    return this.size <= KEEP ? new Blob(this.#parts, { type: this.file.type }) : null;
  }

  async #send() {
    const read = (at) => this.file.slice(at, at + READ).arrayBuffer();
    let next = read(0);
    while (this.sent < this.size) {
      const buffer = await next;
      next = read(this.sent + buffer.byteLength);
      for (let at = 0; at < buffer.byteLength; at += MESSAGE) {
        await this.room();
        const piece = new Uint8Array(buffer, at, Math.min(MESSAGE, buffer.byteLength - at));
        this.channel.send(piece);
        this.sent += piece.byteLength;
      }
      this.own.update(buffer);
      await this.own.room();
    }
  }
}

// Asks Python for bytes.
export class Fetch extends Transfer {
  constructor(session, size) {
    super(session, "ask", size);
  }

  async run() {
    try {
      await this.begin();
      const theirs = await this.theirs;
      return { theirs, returned: await this.hash.digest() };
    } finally {
      this.end();
    }
  }
}
