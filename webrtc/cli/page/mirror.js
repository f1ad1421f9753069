// A moving picture that Python sends back, and what the browser counts of it.

import { UNITS, format } from "./chart.js";

const FRAMES_PER_SECOND = 30;

export class Mirror {
  paused = false;
  counted = {}; // numbers of the last report
  shown = {}; // the same as texts
  #context;
  #video;
  #stream;
  #frame = 0;
  #last = null;

  constructor(canvas, video) {
    this.#context = canvas.getContext("2d");
    this.#video = video;
    this.#draw();
    this.#stream = canvas.captureStream(FRAMES_PER_SECOND);
    setInterval(() => this.paused || this.#draw(), 1000 / FRAMES_PER_SECOND);
  }

  // Send the picture over a connection that has not offered yet, and show what comes back.
  attach(pc) {
    this.#last = null;
    pc.addEventListener("track", ({ track }) => (this.#video.srcObject = new MediaStream([track])));
    pc.addTransceiver(this.#stream.getVideoTracks()[0], { streams: [this.#stream] });
  }

  // Take a report of getStats().
  count(stats) {
    const all = [...stats.values()];
    const of = (type) => all.find((each) => each.type === type && each.kind === "video") ?? {};
    const [out, into, report] = ["outbound-rtp", "inbound-rtp", "remote-inbound-rtp"].map(of);
    const now = { time: out.timestamp, up: out.bytesSent ?? 0, down: into.bytesReceived ?? 0 };
    const rate = (name) => (this.#last ? (now[name] - this.#last[name]) / ((now.time - this.#last.time) / 1000) : null);
    this.counted = {
      sent: out.framesSent ?? 0,
      back: into.framesDecoded ?? 0,
      up: rate("up"),
      down: rate("down"),
      trip: report.roundTripTime ?? null,
    };
    this.#last = now;
    const { sent, back, up, down, trip } = this.counted;
    const codec = stats.get(into.codecId)?.mimeType.split("/")[1] ?? "";
    this.shown = {
      sent: sent.toLocaleString(),
      back: back.toLocaleString(),
      up: bitRate(up),
      down: bitRate(down),
      trip: format(trip === null ? null : trip * 1e6, UNITS.time),
      codec: into.frameWidth ? `${codec} · ${into.frameWidth} × ${into.frameHeight}` : "–",
    };
  }

  // Waves that move, and a number that tells which frame it is.
  #draw() {
    const context = this.#context;
    const { width, height } = context.canvas;
    const at = this.#frame++;
    context.fillStyle = "#0c0f15";
    context.fillRect(0, 0, width, height);
    for (let wave = 0; wave < 3; wave++) {
      context.beginPath();
      for (let x = 0; x <= width; x += 8) {
        context.lineTo(x, height / 2 + Math.sin(x / 60 + at / (14 + 6 * wave) + wave) * (36 + 24 * wave));
      }
      context.lineWidth = 5;
      context.strokeStyle = ["#6cb0ff", "#f2b84b", "#56d08f"][wave];
      context.stroke();
    }
    context.fillStyle = "#e8ecf3";
    context.font = "600 34px ui-monospace, Menlo, Consolas, monospace";
    context.fillText(String(at), 18, 44);
  }
}

const bitRate = (bytes) => (bytes === null ? "–" : `${Math.round((Math.max(0, bytes) * 8) / 1000).toLocaleString()} kbit/s`);
