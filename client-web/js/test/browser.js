// Chromium through its driver, with the few commands that the tests need, and a server of the package's files.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { addressIn } from "./support.js";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript" };

/** Serves the package's files on this machine. Returns the origin of its pages. */
export async function serveFiles(test) {
  const server = http.createServer(async ({ url }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    // Browsers ask for it by themselves.
    if (pathname === "/favicon.ico") return response.writeHead(204).end();
    try {
      const body = await readFile(join(PACKAGE, pathname));
      response.writeHead(200, { "Content-Type": TYPES[extname(pathname)] ?? "text/plain" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** A window of a Chromium that is stopped when the test has ended. */
export async function openBrowser(test) {
  const driver = spawn(process.env.EMBERDRIFT_CHROMEDRIVER ?? "chromedriver", ["--port=0"], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await addressIn(driver.stdout, /started successfully on port (\d+)/, "chromedriver");
  const profile = await mkdtemp(join(tmpdir(), "emberdrift-client-"));

  async function command(method, path, body) {
    const response = await fetch(`http://127.0.0.1:${port}/session${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${path}: ${value.message}`);
    return value;
  }
  const options = {
    args: ["--headless", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=900,600", `--user-data-dir=${profile}`],
    binary: process.env.EMBERDRIFT_CHROME,
  };
  const capabilities = { alwaysMatch: { "goog:chromeOptions": options, "goog:loggingPrefs": { browser: "ALL" } } };
  const { sessionId } = await command("POST", "", { capabilities });
  const inSession = (method, path, body) => command(method, `/${sessionId}${path}`, body);
  test.after(async () => {
    await inSession("DELETE", "");
    driver.kill();
    await once(driver, "exit");
    await rm(profile, { recursive: true, maxRetries: 5 });
  });
  return {
    open: (url) => inSession("POST", "/url", { url }),
    /** Runs the function in the page, with these arguments, and returns what its promise brings. */
    run: (work, ...args) =>
      inSession("POST", "/execute/async", {
        script: "const [args, done] = arguments; Promise.resolve((" + work + ")(...args)).then(done, (error) => done(String(error)));",
        args: [args],
      }),
    screenshot: async () => Buffer.from(await inSession("GET", "/screenshot"), "base64"),
    errors: async () => (await inSession("POST", "/se/log", { type: "browser" })).filter(({ level }) => level === "SEVERE"),
  };
}
