// The client in Chromium, and the example's page.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";

import { openBrowser, serveFiles } from "./browser.js";
import { startServer, until } from "./support.js";

test("example draws the ships of a server in Chromium", async (t) => {
  const origin = await serveFiles(t);
  const server = await startServer(t, "--drones", "24", "--allow-origin", origin);
  const browser = await openBrowser(t);
  await browser.open(`${origin}/examples/ships.html?server=${server}`);
  const text = () => browser.run(() => document.querySelector("p").textContent);
  await until("ships", async () => /^[1-9]\d* ships in view, behind (?!no one)/.test(await text()));

  /** What is drawn: how many colours, and the whole picture as text. */
  const picture = () =>
    browser.run(() => {
      const canvas = document.querySelector("canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const colours = new Set(new Uint32Array(data.buffer));
      const { scrollWidth, scrollHeight } = document.documentElement;
      const fits = scrollWidth <= innerWidth && scrollHeight <= innerHeight;
      return { fits, width: canvas.width, colours: colours.size, text: canvas.toDataURL() };
    });
  const before = await picture();
  assert.ok(before.fits, "the page has scroll bars");
  assert.ok(before.width > 600 && before.colours > 3, `${before.colours} colours: nothing is drawn`);
  await until("another picture", async () => (await picture()).text !== before.text);
  if (process.env.EMBERDRIFT_SCREENSHOT) await writeFile(process.env.EMBERDRIFT_SCREENSHOT, await browser.screenshot());
  assert.deepEqual(await browser.errors(), []);
});

test("client follows the server's cells in Chromium, and resumes", async (t) => {
  const origin = await serveFiles(t);
  const server = await startServer(t, "--drones", "12", "--allow-origin", origin);
  const browser = await openBrowser(t);
  await browser.open(`${origin}/package.json`);
  const seen = await browser.run(async (address) => {
    const [{ Client }, { emberdrift }] = await Promise.all([import("/src/index.js"), import("/src/emberdrift.js")]);
    const join = async (options) => {
      const client = new Client(address, emberdrift, options);
      client.on("frame", () => client.input({ buttons: 17, aim: 0 }));
      await new Promise((resolve) => {
        client.on("frame", () => client.replica.compared >= 10 && resolve());
      });
      return client;
    };
    const first = await join({ name: "Ada" });
    const second = await join({ resume: first.resumeToken });
    second.leave();
    return {
      mismatches: first.replica.mismatches + second.replica.mismatches,
      resumed: second.welcome.is_resumed && second.player === first.player,
    };
  }, server);
  assert.deepEqual(seen, { mismatches: 0, resumed: true });
});
