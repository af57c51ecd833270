// A client on Node's `ws`, in JSON: joins, flies in circles, says hello, and ends when it has heard OTHERS others.
// Usage: node ws_client.mjs HOST:PORT NAME OTHERS

import WebSocket from "ws";

const [address, name, others] = process.argv.slice(2);
const socket = new WebSocket(`ws://${address}/ws`, ["emberdrift.json"]);
const send = (message) => socket.send(JSON.stringify(message));
const heard = new Set();
let frames = 0;

function onLine(line) {
  console.log(`heard ${line.name}: ${line.text}`);
  if (line.name !== name) heard.add(line.name);
  if (heard.size >= Number(others)) socket.close(1000);
}

socket.on("open", () => send({ Hello: { name } }));
socket.on("message", (data, isBinary) => {
  if (isBinary) throw new Error("a binary message on a text connection");
  const message = JSON.parse(data);
  if (message.Welcome) {
    send({ Chat: `hello from ${name}` });
    return;
  }
  const { head, notices } = message.Frame;
  frames += 1;
  const input = { buttons: [1, 8, 2, 4][(frames >> 4) % 4], aim: (frames * 512) % 65536 };
  send({ Input: { input, ack: head.tick % 256 } });
  for (const notice of notices) {
    if (notice.Chat) onLine(notice.Chat);
    notice.ChatHistory?.forEach(onLine);
  }
});
socket.on("close", (code, reason) => {
  if (code !== 1000) {
    console.error(`closed by the server: ${code} ${reason}`);
    process.exit(1);
  }
});
socket.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
setTimeout(() => {
  console.error(`heard only ${[...heard].join(", ") || "no one"}`);
  process.exit(1);
}, 90_000).unref();
