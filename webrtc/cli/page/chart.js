// Small charts on canvas: one minute, an axis with a unit, lines in the colours of the style sheet.

const SPAN = 60; // seconds
const LEFT = 62;
const BOTTOM = 20;

export const UNITS = {
  rate: [1000, ["B/s", "kB/s", "MB/s", "GB/s"]],
  bytes: [1000, ["B", "kB", "MB", "GB"]],
  time: [1000, ["µs", "ms", "s"]],
};

// "12.3 MB/s"
export function format(value, [base, names]) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const step = Math.min(names.length - 1, value < base ? 0 : Math.floor(Math.log(value) / Math.log(base)));
  const scaled = value / base ** step;
  if (step === 0 || Number.isInteger(scaled)) return `${Math.round(scaled)} ${names[step]}`;
  return `${scaled >= 100 ? Math.round(scaled) : scaled.toPrecision(scaled < 10 ? 2 : 3)} ${names[step]}`;
}

// The smallest 1, 2 or 5 times a power of ten that is not below value / count
function step(value, count) {
  const power = 10 ** Math.floor(Math.log10(value / count));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => size * count >= value);
}

export class Chart {
  #samples = []; // [seconds, value of each line]
  #canvas;
  #unit;
  #colours;
  #least;

  constructor(canvas, unit, colours, least) {
    this.#canvas = canvas;
    this.#unit = unit;
    this.#colours = colours;
    this.#least = least; // the axis reaches at least this far
  }

  add(seconds, ...values) {
    this.#samples.push([seconds, ...values]);
    while (this.#samples[0][0] < seconds - SPAN - 1) this.#samples.shift();
  }

  draw(now) {
    const { pen, width, height } = prepare(this.#canvas);
    if (!width) return;
    const style = getComputedStyle(this.#canvas);
    const bottom = height - BOTTOM;
    const peak = Math.max(this.#least, ...this.#samples.flatMap((sample) => sample.slice(1).filter((value) => value !== null)));
    const tick = step(peak, 3);
    const top = Math.ceil(peak / tick) * tick;
    const x = (seconds) => LEFT + ((seconds - now + SPAN) / SPAN) * (width - LEFT - 2);
    const y = (value) => bottom - (value / top) * (bottom - 8);
    this.#grid(pen, style, { tick, top, width, bottom, x, y, now });
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, 0, width - LEFT, bottom + 1);
    pen.clip();
    this.#colours.forEach((colour, line) => this.#line(pen, style.getPropertyValue(colour), line + 1, x, y, bottom));
    pen.restore();
  }

  #grid(pen, style, { tick, top, width, bottom, x, y, now }) {
    pen.font = `11px ${style.fontFamily}`;
    pen.fillStyle = style.getPropertyValue("--soft");
    pen.strokeStyle = style.getPropertyValue("--line");
    pen.lineWidth = 1;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (let value = 0; value <= top * 1.001; value += tick) {
      const level = Math.round(y(value)) + 0.5;
      pen.beginPath();
      pen.moveTo(LEFT, level);
      pen.lineTo(width, level);
      pen.stroke();
      pen.fillText(value ? format(value, this.#unit) : "0", LEFT - 8, level);
    }
    pen.textBaseline = "alphabetic";
    for (const ago of [60, 45, 30, 15, 0]) {
      pen.textAlign = { 60: "left", 0: "right" }[ago] ?? "center";
      pen.fillText(ago ? `−${ago} s` : "now", x(now - ago), bottom + 16);
    }
  }

  #line(pen, colour, index, x, y, bottom) {
    const points = this.#samples.filter((sample) => sample[index] !== null);
    if (points.length < 2) return;
    pen.beginPath();
    for (const sample of points) pen.lineTo(x(sample[0]), y(sample[index]));
    pen.strokeStyle = colour;
    pen.lineWidth = 1.75;
    pen.lineJoin = "round";
    pen.stroke();
    pen.lineTo(x(points.at(-1)[0]), bottom);
    pen.lineTo(x(points[0][0]), bottom);
    pen.globalAlpha = 0.12;
    pen.fillStyle = colour;
    pen.fill();
    pen.globalAlpha = 1;
  }
}

// Bars without axes: the last values, newest at the right.
export function sparkline(canvas, values) {
  const { pen, width, height } = prepare(canvas);
  const bar = 5;
  const shown = values.slice(-Math.floor(width / (bar + 2)));
  const peak = Math.max(...shown, 0.001);
  pen.fillStyle = getComputedStyle(canvas).getPropertyValue("--far");
  shown.forEach((value, i) => {
    const size = Math.max(2, (value / peak) * height);
    pen.fillRect(i * (bar + 2), height - size, bar, size);
  });
}

function prepare(canvas) {
  const ratio = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}
