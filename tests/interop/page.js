// A browser's peer connections, driven by a test over one WebSocket.
import { answering } from "./operations.mjs";

const socket = new WebSocket(`ws://${location.host}/link`);
const tell = (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
const answer = answering(RTCPeerConnection, tell);

function log(text) {
  document.getElementById("log").append(`${text}\n`);
  tell({ event: "log", text });
}

socket.onmessage = ({ data }) => answer(JSON.parse(data));
socket.onopen = () => tell({ event: "ready", agent: navigator.userAgent });
window.onerror = (message, _, line) => log(`error at line ${line}: ${message}`);
window.onunhandledrejection = ({ reason }) => log(`unhandled rejection: ${reason}`);
