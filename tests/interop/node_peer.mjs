// libwebrtc or libdatachannel in Node, driven over standard input and output.
// `node node_peer.mjs @roamhq/wrtc` or `node-datachannel/polyfill`; scripts/install-peers.
import { webcrypto } from "node:crypto";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { answering } from "./operations.mjs";

globalThis.crypto ??= webcrypto; // not a global before Node 20
const require = createRequire(new URL("../../.peers/npm/", import.meta.url));
const { RTCPeerConnection } = require(process.argv[2]);

const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const answer = answering(RTCPeerConnection, tell);
const ended = ["uncaughtException", "unhandledRejection"];
for (const name of ended) process.on(name, (error) => tell({ event: "log", text: `${name}: ${error}` }));

tell({ event: "ready", agent: process.argv[2] });
for await (const line of createInterface({ input: process.stdin })) answer(JSON.parse(line));
process.exit(); // both libraries have threads that would go on
