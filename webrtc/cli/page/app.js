// Wires the page together. What talks to Python is session.js and transfer.js.

import { Chart, UNITS, format, sparkline } from "./chart.js";
import { Files, madeFile } from "./files.js";
import { Mirror } from "./mirror.js";
import { Session, selectedPair } from "./session.js";
import { highlight } from "./source.js";
import { Timeline, milliseconds } from "./timeline.js";

const SAMPLE_EVERY = 250;
const RETRY_AFTER = 2000;
const STATS_EVERY = 4; // samples

const $ = (id) => document.getElementById(id);
const timeline = new Timeline($("stages"));
const files = new Files($("transfers"));
const mirror = new Mirror($("picture"), $("reflection"));
const charts = {
  rate: new Chart($("chart-rate"), UNITS.rate, ["--near", "--far"], 1000),
  trip: new Chart($("chart-trip"), UNITS.time, ["--near", "--far"], 1000),
  buffer: new Chart($("chart-buffer"), UNITS.bytes, ["--near"], 1000),
  memory: new Chart($("chart-memory"), UNITS.bytes, ["--far"], 50e6),
};
let session;
let pending = []; // when the messages left whose echo has not come
let trips = [];
let iceTrip = null;
let retry = null;

function connect() {
  clearTimeout(retry);
  session?.close();
  pending = [];
  iceTrip = null;
  $("events").replaceChildren();
  $("notice").hidden = true;
  for (const fact of ["total", "trip", "path", "dtls"]) $(`fact-${fact}`).textContent = "–";
  show("busy", "Connecting");
  session = new Session();
  mirror.attach(session.pc);
  session.addEventListener("log", ({ detail }) => logEvent(detail));
  session.addEventListener("state", ({ detail }) => show(detail.state, detail.text));
  session.addEventListener("notice", ({ detail }) => notify(detail.state, detail.text));
  session.addEventListener("lost", ({ detail }) => lose(detail));
  session.chat.addEventListener("open", () => {
    enable(true);
    say("Hello, Python!");
  });
  session.chat.addEventListener("message", ({ data }) => hear(data));
  drawTimeline();
}

function drawTimeline() {
  if (timeline.draw(session)) requestAnimationFrame(drawTimeline);
}

function show(state, text) {
  $("pill").dataset.state = $("link").dataset.state = state;
  $("pill").textContent = text;
  $("restart").disabled = state !== "good";
  if (state === "good") {
    $("notice").hidden = true;
    describe();
  }
}

function notify(state, text) {
  $("notice").dataset.state = state;
  $("notice").textContent = text;
  $("notice").hidden = false;
}

function lose({ reason, retry: again }) {
  enable(false);
  show("bad", again ? "Server gone" : "Not connected");
  notify("bad", again ? `${reason} This page tries again every ${RETRY_AFTER / 1000} s.` : reason);
  timeline.draw(session);
  if (again) retry = setTimeout(knock, RETRY_AFTER);
}

// Connect again once the server answers, so that the page does not flicker meanwhile.
async function knock() {
  try {
    await fetch("source", { method: "HEAD" });
    connect();
  } catch {
    retry = setTimeout(knock, RETRY_AFTER);
  }
}

function enable(on) {
  for (const id of ["chat-text", "chat-send", "pick", "send-made", "fetch-made"]) $(id).disabled = !on;
}

// chat

function bubble(className, text, trip) {
  const item = document.createElement("li");
  item.className = className;
  item.textContent = text;
  if (trip !== undefined) {
    const time = document.createElement("time");
    time.textContent = milliseconds(trip);
    item.append(time);
  }
  $("log").append(item);
  while ($("log").childElementCount > 200) $("log").firstElementChild.remove();
  $("log").scrollTop = $("log").scrollHeight;
}

function say(text) {
  return new Promise((resolve) => {
    bubble("mine", text);
    pending.push({ left: performance.now(), resolve });
    session.chat.send(text);
  });
}

function hear(text) {
  const { left, resolve } = pending.shift();
  const trip = performance.now() - left;
  if (!session.marks.has("message")) {
    session.mark("message", "first message came back");
    $("fact-total").textContent = milliseconds(session.now);
    describe();
  }
  bubble("theirs", text, trip);
  trips = [...trips, trip].slice(-200);
  const sorted = [...trips].sort((a, b) => a - b);
  $("spark-text").textContent = `last ${milliseconds(trip)} · median ${milliseconds(sorted[sorted.length >> 1])} · ${trips.length} message${trips.length > 1 ? "s" : ""}`;
  sparkline($("spark"), trips);
  resolve({ text, trip });
}

// facts and charts

async function describe() {
  const stats = await session.pc.getStats();
  const transport = [...stats.values()].find(({ type }) => type === "transport");
  mirror.count(stats);
  for (const name of ["sent", "back", "up", "down", "trip", "codec"]) $(`video-${name}`).textContent = mirror.shown[name];
  const pair = selectedPair(stats);
  if (!pair) return;
  iceTrip = pair.currentRoundTripTime ?? null;
  const local = stats.get(pair.localCandidateId);
  const remote = stats.get(pair.remoteCandidateId);
  if (remote) {
    const where = remote.address ? ` ${remote.address}:${remote.port}` : "";
    $("fact-path").textContent = `${local.candidateType} ⇄ ${remote.candidateType} · ${local.protocol}${where}`;
  }
  if (transport?.dtlsCipher) {
    const version = { FEFD: "DTLS 1.2", FEFC: "DTLS 1.3" }[transport.tlsVersion] ?? "DTLS";
    $("fact-dtls").textContent = `${version} · ${transport.dtlsCipher.match(/(AES|CHACHA).*?(?=_SHA|$)/)?.[0].replaceAll("_", "-") ?? ""}`;
    $("fact-dtls").title = transport.dtlsCipher;
  }
}

const last = { time: performance.now(), up: 0, down: 0, session: null, count: 0 };

function sample() {
  const time = performance.now();
  const seconds = (time - last.time) / 1000;
  const up = session.sent - session.buffered;
  const fresh = last.session !== session;
  const rates = fresh ? [0, 0] : [Math.max(0, up - last.up) / seconds, (session.received - last.down) / seconds];
  Object.assign(last, { time, up, down: session.received, session });
  const ice = iceTrip === null ? null : iceTrip * 1e6;
  const trip = session.trip === null ? null : session.trip * 1000;
  const { memory = null } = session.vitals;
  charts.rate.add(time / 1000, ...rates);
  charts.trip.add(time / 1000, trip, ice);
  charts.buffer.add(time / 1000, session.buffered);
  charts.memory.add(time / 1000, memory);
  $("now-up").textContent = format(rates[0], UNITS.rate);
  $("now-down").textContent = format(rates[1], UNITS.rate);
  $("now-trip").textContent = $("fact-trip").textContent = format(trip, UNITS.time);
  $("now-ice").textContent = format(ice, UNITS.time);
  $("now-near").textContent = format(session.buffered, UNITS.bytes);
  $("now-memory").textContent = format(memory, UNITS.bytes);
  files.draw();
  if (++last.count % STATS_EVERY === 0 && session.state === "good") describe();
  if (!document.hidden && !$("panel-charts").hidden) Object.values(charts).forEach((chart) => chart.draw(time / 1000));
}

// details

function logEvent({ time, text }) {
  const item = document.createElement("li");
  for (const part of [`${time.toFixed(1)} ms`, text]) item.append(Object.assign(document.createElement("span"), { textContent: part }));
  $("events").append(item);
  while ($("events").childElementCount > 300) $("events").firstElementChild.remove();
}

const tabs = [...document.querySelectorAll('[role="tab"]')];

function select(tab) {
  for (const other of tabs) {
    other.setAttribute("aria-selected", other === tab);
    other.tabIndex = other === tab ? 0 : -1;
    $(other.getAttribute("aria-controls")).hidden = other !== tab;
  }
}

tabs.forEach((tab, i) => {
  tab.onclick = () => select(tab);
  tab.onkeydown = ({ key }) => {
    const next = tabs[(i + { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[key]) % tabs.length];
    if (!next) return;
    select(next);
    next.focus();
  };
});

async function loadSource() {
  const text = await (await fetch("source")).text();
  $("source").replaceChildren(...highlight(text));
  $("copy").onclick = async () => {
    await navigator.clipboard.writeText(text);
    $("copy").textContent = "Copied";
    setTimeout(() => ($("copy").textContent = "Copy"), 1500);
  };
  $("copy").hidden = !navigator.clipboard; // only pages of this machine or over https have one
}

// what the visitor does

$("chat-form").onsubmit = (event) => {
  event.preventDefault();
  const text = $("chat-text").value.trim();
  if (text) say(text);
  $("chat-text").value = "";
};
$("reconnect").onclick = connect;
$("restart").onclick = () => session.restart().catch((error) => notify("bad", error.message));
$("pause").onclick = ({ target }) => {
  mirror.paused = !mirror.paused;
  target.ariaPressed = mirror.paused;
  target.textContent = mirror.paused ? "Go on" : "Pause";
};
$("pick").onchange = ({ target }) => {
  [...target.files].forEach((file) => files.send(session, file));
  target.value = "";
};
$("send-made").onclick = () => files.send(session, madeFile(Number($("amount").value)));
$("fetch-made").onclick = () => files.fetch(session, Number($("amount").value));
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", name === "dragenter" || name === "dragover");
    if (name === "drop" && session.state === "good") [...event.dataTransfer.files].forEach((file) => files.send(session, file));
  });
}
addEventListener("pagehide", () => session?.close());

if (window.RTCPeerConnection) {
  connect();
  setInterval(sample, SAMPLE_EVERY);
} else {
  show("bad", "No WebRTC");
  notify("bad", "This browser has no WebRTC, or it is switched off.");
}
loadSource();

// For the console and for tests.
window.demo = {
  get state() {
    return session.state;
  },
  get milestones() {
    return Object.fromEntries(session.marks);
  },
  get video() {
    return mirror.counted;
  },
  say,
  send: (size) => files.send(session, madeFile(size)),
  fetch: (size) => files.fetch(session, size),
  restart: () => session.restart(),
};
