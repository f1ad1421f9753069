// A browser's peer connections, driven by a test over one WebSocket.
import { answering } from "./operations.mjs";

const socket = new WebSocket(`ws://${location.host}/link`);
const tell = (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
const answer = answering(RTCPeerConnection, tell);

function log(text) {
  document.getElementById("log").append(`${text}\n`);
  tell({ event: "log", text });
}

// Plays a file to its end, from a second on that may lie in its middle.
async function play({ type, base64, from }) {
  const video = document.createElement("video");
  const over = new Promise((resolve, reject) => {
    video.onended = resolve;
    video.onerror = () => reject(new Error(`${type}: ${video.error.message}`));
  });
  const ready = new Promise((resolve) => (video.onloadeddata = resolve));
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([bytes], { type }));
  await Promise.race([ready, over]);
  const { duration, videoWidth: width, videoHeight: height } = video;
  if (from) video.currentTime = from;
  await video.play();
  await over;
  return { duration, width, height, ended: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames };
}

function take(message) {
  if (message.op !== "play") return answer(message);
  play(message).then(
    (result) => tell({ id: message.id, result }),
    (error) => tell({ id: message.id, error: String(error) }),
  );
}

socket.onmessage = ({ data }) => take(JSON.parse(data));
socket.onopen = () => tell({ event: "ready", agent: navigator.userAgent });
window.onerror = (message, _, line) => log(`error at line ${line}: ${message}`);
window.onunhandledrejection = ({ reason }) => log(`unhandled rejection: ${reason}`);
