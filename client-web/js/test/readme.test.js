// What the README shows is what the tests run.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { startServer } from "./support.js";

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

test("README has the examples as they are", () => {
  const blocks = [...read("README.md").matchAll(/\[(examples\/[\w.]+)\]\(\1\):\n\n```\w+\n(.*?)```/gs)];
  assert.deepEqual(blocks.map(([, path]) => path), ["examples/ships.html", "examples/bot.js"]);
  for (const [, path, block] of blocks) assert.equal(block, read(path), `${path} has changed: copy it into README.md`);
  assert.ok(read("examples/ships.html").split("\n").length <= 41, "the page is to have 40 lines");
});

test("bot of the README collects embers", async (t) => {
  const server = await startServer(t, "--drones", "0");
  const path = fileURLToPath(new URL("../examples/bot.js", import.meta.url));
  const bot = spawn(process.execPath, ["--experimental-websocket", path, server], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => bot.on("exit", resolve));
  const counts = [];
  for await (const text of bot.stdout) {
    for (const [, count] of String(text).matchAll(/^(\d+) embers$/gm)) counts.push(Number(count));
    if (counts.at(-1) > counts[0] + 2) bot.kill("SIGINT");
  }
  assert.equal(await ended, 0);
  assert.ok(counts.at(-1) > counts[0] + 2, `${counts} embers`);
});
