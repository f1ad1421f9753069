// What a transfer waits for, as far as this page and Python's word tell.

const BUSY = 0.85; // of one core: a process in Python uses no more for this
const QUEUE = 30; // milliseconds that a round trip may grow before the path counts as full

// Names the limit of this moment.
export function limitNow(transfer, { vitals, trip, calm }) {
  if (vitals.cpu > BUSY) return "the CPU of Python";
  if (transfer.hashing) return "hashing in this page";
  if (transfer.starved) return "reading the file in this page";
  if (trip > 3 * calm + QUEUE) return "the path, in which packets queue";
  return "the data channels of this browser";
}

// Counts what was named, and knows the most frequent.
export class Limits {
  #counts = new Map();

  note(name) {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  get most() {
    return [...this.#counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
  }
}
