// A player on Node's `ws`, in JSON: joins, flies in circles, says hello, and ends when it has heard so many others.
// Usage: node ws_client.mjs HOST:PORT NAME OTHERS

import WebSocket from "ws";

const [address, name, others] = process.argv.slice(2);
const socket = new WebSocket(`ws://${address}/ws`, ["emberdrift.json"]);
const say = (message) => socket.send(JSON.stringify(message));
const heard = new Set();
let turns = 0;

function hear(line) {
  console.log(`heard ${line.name}: ${line.text}`);
  if (line.name !== name) heard.add(line.name);
  if (heard.size >= Number(others)) socket.close(1000);
}

socket.on("open", () => say({ Hello: { name } }));
socket.on("message", (data, isBinary) => {
  if (isBinary) throw new Error("a binary frame on a text connection");
  const message = JSON.parse(data);
  if (message.Welcome) {
    say({ Chat: `hello from ${name}` });
    return;
  }
  const { head, notices } = message.Frame;
  turns += 1;
  const input = { buttons: [1, 8, 2, 4][(turns >> 4) % 4], aim: (turns * 512) % 65536 };
  say({ Input: { input, ack: head.tick % 256 } });
  for (const notice of notices) {
    if (notice.Chat) hear(notice.Chat);
    notice.ChatHistory?.forEach(hear);
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
  console.error(`heard only ${[...heard].join(", ") || "nobody"}`);
  process.exit(1);
}, 90_000).unref();
