// The card "Files": what is being transferred, how far it is, and whether the hashes agree.

import { UNITS, format } from "./chart.js";
import { Limits, limitNow } from "./limits.js";
import { Fetch, RoundTrip } from "./transfer.js";

const short = (digest) => `${digest.slice(0, 8)}…${digest.slice(-8)}`;

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

// Bytes that are nowhere in memory: one block, referred to again and again.
export function madeFile(size) {
  const block = new Blob([Uint8Array.from({ length: 1e6 }, (_, i) => (i * 31 + (i >> 8)) & 255)]);
  const parts = Array(Math.ceil(size / block.size)).fill(block);
  return new File([new Blob(parts).slice(0, size)], "generated");
}

class Row {
  #ways = [];
  #limits = new Limits();

  constructor(list, session, transfer, name) {
    this.session = session;
    this.transfer = transfer;
    this.item = element("li", "");
    const title = element("span", "name", name);
    title.append(element("small", "", format(transfer.size, UNITS.bytes)));
    this.cancel = element("button", "quiet", "Cancel");
    this.cancel.type = "button";
    this.cancel.onclick = () => transfer.cancel();
    this.verdict = element("p", "verdict");
    this.item.append(title, this.cancel);
    if (transfer instanceof RoundTrip) this.#way("to Python", "", () => transfer.sent - Math.min(transfer.sent, transfer.leaving));
    this.#way("to page", "back", () => transfer.returned);
    this.item.append(this.verdict);
    list.prepend(this.item);
  }

  draw() {
    for (const { way, bar, percent, rate, done } of this.#ways) {
      const bytes = done();
      way.ended ??= bytes === this.transfer.size ? this.transfer.seconds : undefined;
      bar.value = this.transfer.size ? bytes / this.transfer.size : 1;
      percent.textContent = `${Math.floor(bar.value * 100)} %`;
      rate.textContent = format(bytes / Math.max(way.ended ?? this.transfer.seconds, 0.001), UNITS.rate);
    }
  }

  get limit() {
    return this.#limits.most;
  }

  // Say what the transfer waits for; at the end, what it waited for most of the time.
  judge() {
    const limit = limitNow(this.transfer, this.session);
    this.#limits.note(limit);
    this.verdict.textContent = `Limited by ${limit}.`;
  }

  agree({ own, theirs, returned }) {
    const equal = theirs === returned && (own ?? theirs) === theirs;
    this.cancel.remove();
    this.verdict.classList.toggle("bad", !equal);
    this.verdict.textContent = "";
    this.verdict.append(element("b", "", equal ? "✓ SHA-256 equal " : "✗ SHA-256 differs "));
    const all = equal ? [theirs] : [own, theirs, returned].filter(Boolean);
    const code = element("code", "", all.map(short).join(" · "));
    code.title = all.join("\n");
    this.verdict.append(code);
    if (this.limit) this.verdict.append(` · limited by ${this.limit}`);
    this.#offerCopy();
    return equal;
  }

  fail(reason) {
    this.cancel.remove();
    this.verdict.classList.add("bad");
    this.verdict.textContent = `Stopped: ${reason}.`;
  }

  #way(label, className, done) {
    const way = element("div", `way ${className}`);
    const bar = element("progress", "");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", label);
    const percent = element("span", "");
    const rate = element("span", "");
    way.append(element("span", "", label), bar, percent, rate);
    this.#ways.push({ way, bar, percent, rate, done });
    this.item.append(way);
  }

  #offerCopy() {
    const { copy, file } = this.transfer;
    if (!copy) return;
    const link = element("a", "", "Save the copy");
    link.href = URL.createObjectURL(copy);
    link.download = file.name;
    this.verdict.append(" ", link);
  }
}

export class Files {
  #list;
  #rows = new Set();

  constructor(list) {
    this.#list = list;
  }

  send(session, file) {
    return this.#run(session, new RoundTrip(session, file), file.name);
  }

  fetch(session, size) {
    return this.#run(session, new Fetch(session, size), "from Python");
  }

  draw() {
    for (const row of this.#rows) {
      row.draw();
      if (row.transfer.returned || row.transfer.sent) row.judge();
    }
  }

  async #run(session, transfer, name) {
    const row = new Row(this.#list, session, transfer, name);
    this.#rows.add(row);
    try {
      const digests = await transfer.run();
      return { ...digests, equal: row.agree(digests), seconds: transfer.seconds, limit: row.limit };
    } catch (error) {
      row.fail(error.message);
      return { equal: false, error: error.message };
    } finally {
      row.draw();
      this.#rows.delete(row);
    }
  }
}
