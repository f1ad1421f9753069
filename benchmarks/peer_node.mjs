// libwebrtc or libdatachannel as one end of a pair: the commands of worker.py as JSON lines on standard
// input, one answer each. `node peer_node.mjs libwebrtc` or `libdatachannel`; scripts/install-peers.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";

const require = createRequire(new URL("../.peers/npm/", import.meta.url));
const HIGH = 2 << 20;
const LOW = 1 << 20;
const seconds = () => performance.now() / 1e3;

// A promise that others resolve.
class Event {
  constructor() {
    this.happened = new Promise((resolve) => (this.set = resolve));
  }
}

// A peer connection of libwebrtc with one data channel.
class WebrtcLink {
  constructor({ RTCPeerConnection }) {
    this.pc = new RTCPeerConnection({ iceServers: [] });
    this.isOpen = new Event();
    const gathered = new Event();
    this.gathered = gathered.happened;
    this.pc.onicegatheringstatechange = () => this.pc.iceGatheringState === "complete" && gathered.set();
  }

  async offer() {
    this.adopt(this.pc.createDataChannel("bench"));
    return this.local(await this.pc.createOffer());
  }

  async answer(offer) {
    this.pc.ondatachannel = ({ channel }) => this.adopt(channel);
    await this.pc.setRemoteDescription(offer);
    return this.local(await this.pc.createAnswer());
  }

  async local(description) {
    await this.pc.setLocalDescription(description);
    await this.gathered;
    const { type, sdp } = this.pc.localDescription;
    return { type, sdp };
  }

  accept = (answer) => this.pc.setRemoteDescription(answer);
  close = () => this.pc.close();
  send = (data) => this.channel.send(data);
  buffered = () => this.channel.bufferedAmount;
  listen = (onMessage) => void (this.channel.onmessage = ({ data }) => onMessage(data));

  // This binding has no event for it.
  async low() {
    while (this.buffered() > LOW) await setTimeout(2);
  }

  adopt(channel) {
    this.channel = channel;
    channel.binaryType = "arraybuffer";
    channel.onopen = this.isOpen.set;
    if (channel.readyState === "open") this.isOpen.set();
  }
}

// The same with libdatachannel's own interface.
class DatachannelLink {
  constructor({ PeerConnection }) {
    this.pc = new PeerConnection("bench", { iceServers: [] });
    this.isOpen = new Event();
    const gathered = new Event();
    this.gathered = gathered.happened;
    this.pc.onGatheringStateChange((state) => state === "complete" && gathered.set());
  }

  offer() {
    this.adopt(this.pc.createDataChannel("bench"));
    return this.local();
  }

  answer({ type, sdp }) {
    this.pc.onDataChannel((channel) => this.adopt(channel));
    this.pc.setRemoteDescription(sdp, type);
    return this.local();
  }

  async local() {
    await this.gathered;
    return this.pc.localDescription();
  }

  accept = ({ type, sdp }) => this.pc.setRemoteDescription(sdp, type);
  close = () => this.pc.close();
  buffered = () => this.channel.bufferedAmount();
  low = () => new Promise((resolve) => this.channel.onBufferedAmountLow(resolve));
  listen = (onMessage) => this.channel.onMessage(onMessage);

  send(data) {
    if (typeof data === "string") this.channel.sendMessage(data);
    else this.channel.sendMessageBinary(data);
  }

  adopt(channel) {
    this.channel = channel;
    channel.setBufferedAmountLowThreshold(LOW);
    channel.onOpen(this.isOpen.set);
    if (channel.isOpen()) this.isOpen.set();
  }
}

const KINDS = {
  libwebrtc: { Link: WebrtcLink, module: "@roamhq/wrtc" },
  libdatachannel: { Link: DatachannelLink, module: "node-datachannel" },
};
const { Link, module } = KINDS[process.argv[2]];
const library = require(module);
const links = [];

const operations = {
  offer() {
    links.push(new Link(library));
    return links.at(-1).offer();
  },
  answer({ description }) {
    links.push(new Link(library));
    return links.at(-1).answer(description);
  },
  accept: ({ description }) => links.at(-1).accept(description),
  opened: () => links.at(-1).isOpen.happened.then(() => null),
  close: () => links.pop().close(),
  usage() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  async pour({ seconds: period, size }) {
    const link = links.at(-1);
    const data = new Uint8Array(size);
    const reply = new Promise((resolve) => link.listen(resolve));
    const started = seconds();
    while (seconds() < started + period) {
      link.send(data);
      if (link.buffered() > HIGH) await link.low();
    }
    link.send("end");
    const bytes = Number(await reply);
    return { seconds: seconds() - started, bytes };
  },
  sink() {
    const link = links.at(-1);
    let arrived = 0;
    link.listen((message) => {
      if (message === "end") {
        link.send(String(arrived));
        arrived = 0;
      } else {
        arrived += message.byteLength;
      }
    });
  },
  ping({ seconds: period, size }) {
    const link = links.at(-1);
    const data = new Uint8Array(size);
    const started = seconds();
    let trips = 0;
    return new Promise((resolve) => {
      link.listen(() => {
        trips += 1;
        if (seconds() < started + period) link.send(data);
        else resolve({ seconds: seconds() - started, trips });
      });
      link.send(data);
    });
  },
  echo() {
    const link = links.at(-1);
    link.listen((message) => link.send(message));
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...rest } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify((await operations[op](rest)) ?? null)}\n`);
}
process.exit(); // both libraries have threads that would go on
