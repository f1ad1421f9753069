// The stages of a connection as bars on one axis of time.

const STAGES = [
  ["Signalling", ["start"], ["answer"]],
  ["Gathering", ["gathering"], ["gathered"]],
  ["ICE checks", ["checking"], ["ice"]],
  ["DTLS", ["ice"], ["dtls"]],
  ["Data channel", ["dtls", "ice"], ["open"]],
  ["First message", ["open"], ["message"]],
];

// A browser may round its clock to whole milliseconds.
export const milliseconds = (value) => value < 0.05 ? "< 1 ms" : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

export class Timeline {
  #rows;

  constructor(list) {
    this.#rows = STAGES.map(([label]) => {
      const row = document.createElement("li");
      row.innerHTML = '<span class="label"></span><span class="track"><span class="span"></span></span><span class="time"></span>';
      row.querySelector(".label").textContent = label;
      list.append(row);
      return row;
    });
  }

  draw({ marks, now, state }) {
    const done = marks.has("message");
    const end = done ? Math.max(...this.#ends(marks)) : Math.max(now, 20);
    STAGES.forEach(([, begins, ends], i) => {
      const begin = first(marks, begins);
      const finish = first(marks, ends);
      const row = this.#rows[i];
      const bar = row.querySelector(".span");
      const stuck = state === "bad" && finish === undefined;
      bar.hidden = begin === undefined;
      row.classList.toggle("failed", stuck);
      bar.classList.toggle("open", finish === undefined);
      if (begin === undefined) {
        row.querySelector(".time").textContent = "–";
        return;
      }
      const until = Math.min(finish ?? now, end);
      bar.style.left = `${(Math.min(begin, end) / end) * 100}%`;
      bar.style.width = `${(Math.max(until - begin, 0) / end) * 100}%`;
      row.querySelector(".time").textContent = finish === undefined ? (stuck ? "stopped" : "…") : milliseconds(Math.max(finish - begin, 0));
    });
    return !done && state !== "bad";
  }

  // Gathering may go on long after the first message and must not squeeze everything else.
  #ends(marks) {
    return STAGES.filter(([label]) => label !== "Gathering").map(([, , ends]) => first(marks, ends) ?? 0);
  }
}

function first(marks, names) {
  return names[0] === "start" ? 0 : names.map((name) => marks.get(name)).find((time) => time !== undefined);
}
