// SHA-256 (FIPS 180-4) of a stream, in a worker: crypto.subtle wants the whole of it at once.
// In: ArrayBuffer = more bytes, null = finish. Out: number = bytes taken, string = the digest.

const words = (hex) => Int32Array.from(hex.trim().split(/\s+/), (word) => parseInt(word, 16) | 0);

const K = words(`
  428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5
  d807aa98 12835b01 243185be 550c7dc3 72be5d74 80deb1fe 9bdc06a7 c19bf174
  e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da
  983e5152 a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967
  27b70a85 2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb 81c2c92e 92722c85
  a2bfe8a1 a81a664b c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070
  19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3
  748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2
`);
const state = words("6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19");
const schedule = new Int32Array(64);
const rest = new Uint8Array(128);
let pending = 0; // bytes in rest
let total = 0;

function blocks(bytes, start, end) {
  const w = schedule;
  const k = K;
  for (let at = start; at + 64 <= end; at += 64) {
    for (let i = 0, p = at; i < 16; i++, p += 4) {
      w[i] = (bytes[p] << 24) | (bytes[p + 1] << 16) | (bytes[p + 2] << 8) | bytes[p + 3];
    }
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}

function update(bytes) {
  total += bytes.length;
  let start = 0;
  if (pending) {
    start = Math.min(64 - pending, bytes.length);
    rest.set(bytes.subarray(0, start), pending);
    pending += start;
    if (pending < 64) return;
    blocks(rest, 0, 64);
    pending = 0;
  }
  blocks(bytes, start, bytes.length);
  const tail = bytes.subarray(bytes.length - ((bytes.length - start) % 64));
  rest.set(tail);
  pending = tail.length;
}

function digest() {
  const end = pending < 56 ? 64 : 128;
  rest.fill(0, pending);
  rest[pending] = 0x80;
  const view = new DataView(rest.buffer);
  view.setUint32(end - 8, Math.floor(total / 2 ** 29));
  view.setUint32(end - 4, (total * 8) >>> 0);
  blocks(rest, 0, end);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

onmessage = ({ data }) => {
  if (data === null) {
    postMessage(digest());
  } else {
    update(new Uint8Array(data));
    postMessage(data.byteLength);
  }
};
