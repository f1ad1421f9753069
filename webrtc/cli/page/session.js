// One connection to Python: a WebSocket for signalling, a peer connection, and when what happened.

const PING_EVERY = 500;
const PATIENCE = 5000; // when ICE has found nothing for this long, the page says so

export class Session extends EventTarget {
  marks = new Map(); // name of a milestone -> milliseconds since the start
  state = "busy"; // busy, good or bad
  sent = 0; // bytes handed to data channels
  received = 0;
  trip = null; // milliseconds of the last ping
  calm = Infinity; // the shortest of all
  vitals = {}; // what Python says of itself
  #started = performance.now();
  #channels = new Set();
  #over = false;
  #timers = [];

  constructor() {
    super();
    this.pc = new RTCPeerConnection();
    this.#watch();
    this.chat = this.open("chat");
    this.chat.addEventListener("open", () => this.mark("open", "data channel open"));
    this.#ping(this.open("ping", { ordered: false, maxRetransmits: 0 }));
    this.open("vitals").addEventListener("message", ({ data }) => (this.vitals = JSON.parse(data)));
    const address = new URL("signal", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.socket = new WebSocket(address);
    this.socket.onopen = () => this.#begin();
    this.socket.onmessage = ({ data }) => this.#take(JSON.parse(data)).catch((error) => this.#lose(error.message));
    this.socket.onclose = () => this.#lose(GONE, true);
  }

  get now() {
    return performance.now() - this.#started;
  }

  get buffered() {
    let sum = 0;
    for (const channel of this.#channels) sum += channel.bufferedAmount;
    return sum;
  }

  // A data channel whose traffic counts in `sent`, `received` and `buffered`.
  open(label, options) {
    const channel = this.pc.createDataChannel(label, options);
    channel.binaryType = "arraybuffer";
    const send = channel.send.bind(channel);
    channel.send = (data) => {
      send(data);
      this.sent += data.byteLength ?? data.length;
    };
    channel.addEventListener("message", ({ data }) => (this.received += data.byteLength ?? data.length));
    channel.addEventListener("close", () => this.#channels.delete(channel));
    this.#channels.add(channel);
    return channel;
  }

  mark(name, text) {
    if (!this.marks.has(name)) this.marks.set(name, this.now);
    this.log(text);
  }

  log(text) {
    this.dispatchEvent(new CustomEvent("log", { detail: { time: this.now, text } }));
  }

  // Stays with the old path until a new one works. Not every browser has an event for that.
  async restart() {
    const began = this.now;
    const old = selectedPair(await this.pc.getStats())?.id;
    this.log("ICE restart asked for");
    this.pc.restartIce();
    await this.#offer();
    for (let fresh; fresh === undefined || fresh === old; fresh = selectedPair(await this.pc.getStats())?.id) {
      if (this.now - began > PATIENCE) return this.#announce("busy", `The ICE restart has found no new path yet. ${BLOCKED}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.#announce("good", `ICE restarted in ${Math.round(this.now - began)} ms. The data channels stayed open.`);
  }

  close() {
    this.#over = true;
    this.#timers.forEach(clearInterval);
    this.pc.close();
    this.socket.close();
  }

  async #begin() {
    this.mark("socket", "signalling open");
    await this.#offer();
    this.mark("offer", "offer sent");
  }

  async #offer() {
    await this.pc.setLocalDescription();
    this.#watchTransports();
    this.#tell(this.pc.localDescription);
  }

  async #take(message) {
    if (message.type === "answer") {
      await this.pc.setRemoteDescription(message);
      this.#watchTransports(); // the bundle may have given the data channels another one
      this.mark("answer", "answer applied");
    } else if (message.type === "candidate") {
      this.log(`Python's candidate: ${short(message.candidate?.candidate)}`);
      await this.pc.addIceCandidate(message.candidate ?? undefined);
    } else if (message.type === "error") {
      if (this.marks.has("answer") && !this.marks.has("ice")) await this.#explain();
      this.#lose(`Python closed the session: ${message.error}.`);
    }
  }

  #tell(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  #watch() {
    const { pc } = this;
    pc.onicecandidate = ({ candidate }) => {
      this.log(`candidate of this page: ${short(candidate?.candidate)}`);
      this.#tell({ type: "candidate", candidate });
    };
    pc.onicegatheringstatechange = () => {
      const name = pc.iceGatheringState === "complete" ? "gathered" : "gathering";
      this.mark(name, `gathering ${pc.iceGatheringState}`);
    };
    pc.oniceconnectionstatechange = () => {
      const state = pc.iceConnectionState;
      this.mark({ checking: "checking", connected: "ice", completed: "ice" }[state] ?? state, `ICE ${state}`);
    };
    pc.onconnectionstatechange = () => this.#changed(pc.connectionState);
    pc.onsignalingstatechange = () => this.log(`signalling ${pc.signalingState}`);
  }

  // Not every browser has these objects; without them DTLS counts as part of the data channel.
  #watchTransports() {
    const transport = this.pc.sctp?.transport;
    if (!transport || transport.onstatechange) return;
    transport.onstatechange = () => {
      if (transport !== this.pc.sctp?.transport) return;
      this.mark({ connected: "dtls" }[transport.state] ?? `dtls ${transport.state}`, `DTLS ${transport.state}`);
    };
    const ice = transport.iceTransport;
    if (!ice) return;
    ice.onselectedcandidatepairchange = () => {
      const pair = ice.getSelectedCandidatePair();
      if (pair) this.log(`selected pair: ${short(pair.local.candidate)} ⇄ ${short(pair.remote.candidate)}`);
    };
  }

  #changed(state) {
    this.log(`connection ${state}`);
    if (state === "connected") {
      this.#become("good", "Connected");
    } else if (state === "disconnected") {
      this.#become("busy", "Interrupted");
    } else if (state === "failed") {
      this.#explain();
    }
  }

  async #explain() {
    let pairs = 0;
    for (const entry of (await this.pc.getStats()).values()) pairs += entry.type === "candidate-pair";
    const tried = pairs ? `ICE tried ${pairs} candidate pairs and got no reply` : "this browser has no UDP address to offer";
    this.#lose(`No way to Python: ${tried}. ${BLOCKED}`);
  }

  #ping(channel) {
    channel.addEventListener("open", () => {
      this.#timers.push(setInterval(() => this.#over || channel.readyState !== "open" || channel.send(String(performance.now())), PING_EVERY));
    });
    channel.addEventListener("message", ({ data }) => {
      this.trip = performance.now() - Number(data);
      this.calm = Math.min(this.calm, this.trip);
    });
    this.#timers.push(setTimeout(() => this.marks.has("answer") && !this.marks.has("ice") && this.#announce("busy", `Still looking for a way to Python … ${BLOCKED}`), PATIENCE));
  }

  #become(state, text) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, text } }));
  }

  #announce(state, text) {
    this.dispatchEvent(new CustomEvent("notice", { detail: { state, text } }));
  }

  #lose(reason, retry = false) {
    if (this.#over) return;
    this.log(reason);
    this.close();
    this.state = "bad";
    this.dispatchEvent(new CustomEvent("lost", { detail: { reason, retry } }));
  }
}

const BLOCKED = "A firewall, a VPN or a privacy setting for WebRTC may block UDP between this browser and the server.";
const GONE = "The server is gone: its WebSocket closed. Does “webrtc demo” still run?";

// The candidate pair in use, of the reports of getStats().
export function selectedPair(stats) {
  const all = [...stats.values()];
  const transport = all.find(({ type }) => type === "transport");
  return stats.get(transport?.selectedCandidatePairId) ?? all.find(({ type, selected }) => type === "candidate-pair" && selected);
}

// "host udp 192.0.2.1:5000" of a candidate line
function short(line) {
  if (!line) return "none left";
  const [, , protocol, , host, port, , type] = line.split(" ");
  return `${type} ${protocol.toLowerCase()} ${host.includes(":") ? `[${host}]` : host}:${port}`;
}
