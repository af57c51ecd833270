// What the tests against a real server share: the server, a connection that can be cut, and waiting.

import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { createInterface } from "node:readline";

/** How long a test waits for something that takes no time on an idle machine. */
const PATIENCE_MS = 30_000;

/**
 * Starts the server that `EMBERDRIFT_BIN` names on a free port of this machine, and stops it when the test has ended.
 *
 * @returns its address
 */
export const startServer = (test, ...flags) => start(test, "EMBERDRIFT_BIN", "target/release/emberdrift", flags);

/** The same of tag's server, which `EMBERDRIFT_TAG` names. */
export const startTag = (test, ...flags) => start(test, "EMBERDRIFT_TAG", "target/release/tag-server", flags);

async function start(test, variable, usual, flags) {
  const program = process.env[variable];
  if (!program) throw new Error(`${variable} must name the server's program, such as ${usual}`);
  const server = spawn(program, ["--listen", "127.0.0.1:0", ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  test.after(async () => {
    if (server.exitCode !== null) return;
    server.kill("SIGINT");
    await once(server, "exit");
  });
  return addressIn(server.stdout, /\bopen (http:\S+)/, "the server");
}

/** The first group of the first line that matches. The rest of the output is read and forgotten. */
export async function addressIn(output, pattern, program) {
  const lines = createInterface({ input: output });
  return new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      const match = pattern.exec(line);
      if (match) resolve(match[1]);
    });
    lines.on("close", () => reject(new Error(`${program} ended before it said where it listens`)));
  });
}

/** What `observe` returns, as soon as it is not undefined or false. Fails the test after a while. */
export async function until(what, observe) {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const observed = await observe();
    if (observed !== undefined && observed !== false) return observed;
    await sleep(20);
  }
  throw new Error(`waited in vain for ${what}`);
}

/** A port on which nothing listens. */
export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The next time that `source` calls a listener of this name. */
export const next = (source, name) =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`waited in vain for ${String(name)}`)), PATIENCE_MS);
    const remove = source.on(name, (detail) => {
      clearTimeout(late);
      remove();
      resolve(detail);
    });
  });

/** Hands on everything between clients and a server, until its connections are cut, or freeze. */
export async function startCutter(test, server, listeningPort = 0) {
  const { hostname, port } = new URL(server);
  const sockets = new Set();
  let isFrozen = false;
  const cutter = net.createServer((client) => {
    const upstream = net.connect(Number(port), hostname);
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      if (isFrozen) from.pause();
      from.on("close", () => sockets.delete(from));
    }
  });
  cutter.listen(listeningPort, "127.0.0.1");
  await once(cutter, "listening");
  const cut = () => sockets.forEach((socket) => socket.resetAndDestroy());
  // As a network that is gone: nothing arrives, and nothing says so.
  const freeze = () => {
    isFrozen = true;
    sockets.forEach((socket) => socket.unpipe().pause());
  };
  const thaw = () => (isFrozen = false);
  test.after(() => {
    cut();
    cutter.close();
  });
  return { url: `http://127.0.0.1:${cutter.address().port}`, cut, freeze, thaw };
}
