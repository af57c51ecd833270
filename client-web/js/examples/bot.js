// A bot that flies to the nearest ember: node --experimental-websocket bot.js [SERVER]

import { Client } from "emberdrift-client";
import { BUTTON, aim, emberdrift, ownShip } from "emberdrift-client/emberdrift";

const client = new Client(process.argv[2] ?? "http://127.0.0.1:8080", emberdrift, { name: "Collector" });
let embers = 0;

client.on("frame", () => {
  const ship = ownShip(client.viewer);
  // Between two ships, any button asks for the next.
  if (!ship) return client.input({ buttons: BUTTON.FIRE, aim: 0 });
  if (ship.embers !== embers) console.log(`${(embers = ship.embers)} embers`);

  const [x, y] = ship.motion.position;
  const distance = (item) => Math.hypot(item.x - x, item.y - y);
  const [nearest] = client.replica.items().sort((a, b) => distance(a) - distance(b));
  const [dx, dy] = nearest ? [nearest.x - x, nearest.y - y] : [0, 0];
  const horizontally = dx > 4 ? BUTTON.RIGHT : dx < -4 ? BUTTON.LEFT : 0;
  const vertically = dy > 4 ? BUTTON.UP : dy < -4 ? BUTTON.DOWN : 0;
  client.input({ buttons: horizontally | vertically, aim: aim(Math.atan2(dy, dx)) });
});
client.on("chat", ({ name, text }) => console.log(`${name}: ${text}`));
client.on("lost", ({ code, reason }) => console.error(`connection lost: ${code} ${reason}`));
process.on("SIGINT", () => client.leave());
