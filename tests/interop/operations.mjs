// What a test asks of a peer connection with the interface of browsers, in a page and in Node.
// In:  {id, op, ...arguments}   Out: {id, result} or {id, error}, and {event, connection, ...} at any time.

const AHEAD = 1 << 20; // bytes buffered at most while pouring

const toBase64 = (bytes) => {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) {
    text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  }
  return btoa(text);
};
const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const packed = (data) => (typeof data === "string" ? { text: data } : { base64: toBase64(new Uint8Array(data)) });
const unpacked = ({ text, base64 }) => (text === undefined ? fromBase64(base64) : text);
const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");
const sha256 = async (data) => hex(await crypto.subtle.digest("SHA-256", data));

function random(size) {
  const data = new Uint8Array(size);
  for (let at = 0; at < size; at += 65536) crypto.getRandomValues(data.subarray(at, Math.min(size, at + 65536)));
  return data;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// An RTCDataChannel and the messages that nobody has asked for yet.
class Inbox {
  constructor(tell, connection, id, channel) {
    this.channel = channel;
    this.echoes = false;
    this.waiting = [];
    this.wake = () => {};
    channel.binaryType = "arraybuffer";
    channel.onmessage = ({ data }) => {
      if (this.echoes) return channel.send(data);
      this.waiting.push(data);
      this.wake();
    };
    for (const name of ["open", "closing", "close"]) {
      channel.addEventListener(name, () => tell({ event: name, connection, channel: id }));
    }
    if (channel.readyState === "open") tell({ event: "open", connection, channel: id });
    channel.onerror = ({ error }) => {
      const text = `channel "${channel.label}": ${error.errorDetail} ${error.message}`;
      tell({ event: "log", text });
    };
  }

  async message() {
    while (!this.waiting.length) await new Promise((resolve) => (this.wake = resolve));
    return this.waiting.shift();
  }

  async take(count) {
    const messages = [];
    while (messages.length < count) messages.push(packed(await this.message()));
    return messages;
  }

  async pour(total, size) {
    const data = random(total);
    for (let at = 0; at < total; at += size) {
      while (this.channel.bufferedAmount > AHEAD) await pause(2); // not all have an event for it
      this.channel.send(data.subarray(at, Math.min(total, at + size)));
    }
    return sha256(data);
  }

  async drain(total) {
    const data = new Uint8Array(total);
    let at = 0;
    while (at < total) {
      const message = new Uint8Array(await this.message());
      data.set(message, at);
      at += message.length;
    }
    return sha256(data);
  }
}

function describe({ label, protocol, ordered, maxRetransmits, maxPacketLifeTime, negotiated, id, readyState }) {
  return { label, protocol, ordered, maxRetransmits, maxPacketLifeTime, negotiated, id, readyState };
}

// Tracks that need no device and nobody's permission.
const tracks = {
  audio: () => new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0],
  video() {
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").fillRect(0, 0, 8, 8); // Firefox captures none without a context
    return canvas.captureStream(5).getVideoTracks()[0];
  },
};

// A picture that moves so many times a second.
class Picture {
  constructor(width = 640, height = 480, rate = 30) {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    let frame = 0;
    this.timer = setInterval(() => {
      frame += 1;
      context.fillStyle = `hsl(${frame % 360} 70% 45%)`;
      context.fillRect(0, 0, width, height);
      context.fillStyle = "white";
      context.font = "96px monospace";
      context.fillText(frame, (frame * 5) % 400, 240 + 120 * Math.sin(frame / 20));
    }, 1000 / rate);
    this.stream = canvas.captureStream(rate);
  }
}

// What nobody plays is not decoded.
function show({ track }) {
  const shown = Object.assign(document.createElement(track.kind), { autoplay: true, muted: true });
  shown.srcObject = new MediaStream([track]);
  document.body.append(shown);
}

function prefer(transceiver, codec) {
  const { codecs } = RTCRtpReceiver.getCapabilities("video");
  const chosen = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === `video/${codec.toLowerCase()}`);
  if (!chosen.length) throw new Error(`no ${codec} here`);
  transceiver.setCodecPreferences([...chosen, ...codecs.filter(({ mimeType }) => mimeType === "video/rtx")]);
}

// What is counted of both kinds and directions.
async function counted(pc) {
  const found = {};
  for (const each of (await pc.getStats()).values()) {
    if (each.type === "outbound-rtp" || each.type === "inbound-rtp") {
      const { packetsSent, packetsReceived, packetsLost, framesSent, framesDecoded, keyFramesDecoded, freezeCount } = each;
      const { nackCount, pliCount, framesEncoded } = each;
      found[`${each.kind} ${each.type.split("-")[0]}`] = {
        packetsSent, packetsReceived, packetsLost, framesSent, framesDecoded, keyFramesDecoded, freezeCount,
        nackCount, pliCount, framesEncoded,
      };
    }
    if (each.availableOutgoingBitrate) found.bitrate = each.availableOutgoingBitrate;
  }
  return found;
}

const gathered = (pc) =>
  new Promise((resolve) => {
    const look = () => pc.iceGatheringState === "complete" && resolve();
    pc.addEventListener("icegatheringstatechange", look);
    look();
  });

async function setLocal(pc, description, whole) {
  await pc.setLocalDescription(description);
  if (whole) await gathered(pc);
  const { type, sdp } = pc.localDescription;
  return { type, sdp };
}

// Answers requests with an implementation of RTCPeerConnection; `tell` sends a message to the test.
export function answering(RTCPeerConnection, tell) {
  const connections = new Map();
  const channels = new Map();

  function adopt(connection, channel) {
    const id = channels.size;
    channels.set(id, new Inbox(tell, connection, id, channel));
    return id;
  }

  const operations = {
    open({ connection, configuration }) {
      const pc = new RTCPeerConnection(configuration);
      connections.set(connection, pc);
      pc.onicecandidate = ({ candidate }) =>
        tell({ event: "candidate", connection, candidate: candidate && candidate.toJSON() });
      pc.onicecandidateerror = (e) =>
        tell({ event: "log", text: `candidate error ${e.errorCode} ${e.errorText} ${e.url} ${e.address}` });
      pc.ondatachannel = ({ channel }) =>
        tell({ event: "channel", connection, channel: adopt(connection, channel), parameters: describe(channel) });
      for (const field of ["connectionState", "iceConnectionState", "iceGatheringState", "signalingState"]) {
        pc.addEventListener(`${field.toLowerCase()}change`, () =>
          tell({ event: "state", connection, field, value: pc[field] }),
        );
      }
    },
    create_channel({ connection, label, options }) {
      return adopt(connection, connections.get(connection).createDataChannel(label, options));
    },
    // Only browsers have the next four.
    add_media({ connection, kinds }) {
      for (const kind of kinds) {
        const track = tracks[kind]();
        connections.get(connection).addTransceiver(track, { streams: [new MediaStream([track])] });
      }
    },
    // A moving picture and a tone, in sections of our own or in those of an offer that is yet to come.
    add_tracks({ connection, codec }) {
      const pc = connections.get(connection);
      const { stream } = new Picture();
      const audio = new AudioContext();
      const [source, sink] = [audio.createOscillator(), audio.createMediaStreamDestination()];
      source.connect(sink);
      source.start();
      pc.addTrack(sink.stream.getAudioTracks()[0], stream);
      const sender = pc.addTrack(stream.getVideoTracks()[0], stream);
      if (codec) prefer(pc.getTransceivers().find((each) => each.sender === sender), codec);
      pc.ontrack = show;
    },
    // A picture of 1280×720 in one encoding for each rid, the smallest first.
    add_simulcast({ connection, rids, codec }) {
      const pc = connections.get(connection);
      const { stream } = new Picture(1280, 720, 15);
      const sendEncodings = rids.map((rid, at) => ({ rid, scaleResolutionDownBy: 2 ** (rids.length - 1 - at) }));
      const [track] = stream.getTracks();
      prefer(pc.addTransceiver(track, { direction: "sendonly", streams: [stream], sendEncodings }), codec);
    },
    watch: ({ connection }) => void (connections.get(connection).ontrack = show),
    counted: ({ connection }) => counted(connections.get(connection)),
    // Not the section that the bundle is named after: the channel of two browsers does not survive that either.
    stop_media({ connection }) {
      const pc = connections.get(connection);
      const [, tag] = /^a=group:BUNDLE (\S+)/m.exec(pc.localDescription.sdp);
      for (const transceiver of pc.getTransceivers()) if (transceiver.mid !== tag) transceiver.stop();
    },
    async offer({ connection, restart, whole }) {
      const pc = connections.get(connection);
      return setLocal(pc, await pc.createOffer({ iceRestart: restart }), whole);
    },
    async answer({ connection, description, whole }) {
      const pc = connections.get(connection);
      await pc.setRemoteDescription(description);
      return setLocal(pc, await pc.createAnswer(), whole);
    },
    accept: ({ connection, description }) => connections.get(connection).setRemoteDescription(description),
    // null is the end of candidates; as an argument to addIceCandidate both browsers take its absence.
    candidate: ({ connection, candidate }) => connections.get(connection).addIceCandidate(candidate ?? undefined),
    describe: ({ channel }) => describe(channels.get(channel).channel),
    send: ({ channel, message }) => channels.get(channel).channel.send(unpacked(message)),
    take: ({ channel, count }) => channels.get(channel).take(count),
    echo: ({ channel }) => void (channels.get(channel).echoes = true),
    // One message on each channel, all before the first of them is on its way.
    burst({ channels: ids, size }) {
      const messages = ids.map(() => random(size));
      ids.forEach((id, at) => channels.get(id).channel.send(messages[at]));
      return Promise.all(messages.map(sha256));
    },
    pour: ({ channel, total, size }) => channels.get(channel).pour(total, size),
    drain: ({ channel, total }) => channels.get(channel).drain(total),
    close_channel: ({ channel }) => channels.get(channel).channel.close(),
    close: ({ connection }) => connections.get(connection).close(),
    async diagnosis({ connection }) {
      const pc = connections.get(connection);
      const stats = pc.connectionState === "closed" ? [] : [...(await pc.getStats()).values()];
      const wanted = ["transport", "candidate-pair", "local-candidate", "remote-candidate", "data-channel"];
      return {
        states: [pc.connectionState, pc.iceConnectionState, pc.iceGatheringState, pc.signalingState],
        local: pc.localDescription && pc.localDescription.sdp,
        remote: pc.remoteDescription && pc.remoteDescription.sdp,
        stats: stats.filter(({ type }) => wanted.includes(type)),
      };
    },
  };

  return async ({ id, op, ...rest }) => {
    try {
      tell({ id, result: (await operations[op](rest)) ?? null });
    } catch (error) {
      tell({ id, error: `${error.name}: ${error.message}` });
    }
  };
}
