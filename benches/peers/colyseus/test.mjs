// Starts the server and lets ten players in for two seconds, in both modes. It checks what is measured, not how fast.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

function start(...args) {
  return spawn(process.execPath, args, { cwd: here, stdio: ["ignore", "pipe", "inherit"] });
}

function ended(child) {
  return new Promise((resolve) => child.once("close", (code, signal) => resolve(signal ?? code)));
}

async function firstLine(child) {
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("it printed nothing");
}

for (const mode of ["rooms", "world"]) {
  test(`ten players in the mode ${mode}`, { timeout: 60_000 }, async (context) => {
    const server = start("server.mjs", "--mode", mode, "--port", "0");
    const serverEnded = ended(server);
    const folder = mkdtempSync(join(tmpdir(), "colyseus-"));
    context.after(() => {
      server.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    });
    const [, address] = (await firstLine(server)).match(/^listening (127\.0\.0\.1:\d+)$/);

    const json = join(folder, "report.json");
    const load = start("load.mjs", "--url", `http://${address}`, "--players", "10", "--seconds", "2", "--json", json);
    load.stdout.resume();
    assert.equal(await ended(load), 0);

    const report = JSON.parse(readFileSync(json, "utf8"));
    assert.equal(report.players_requested, 10);
    assert.equal(report.players_joined, 10);
    assert.equal(report.players_at_end, 10);
    assert.ok(report.frames_received > 0);
    for (const [field, parts] of Object.entries({
      frames_per_player_second: ["p1", "p50"],
      frame_gap_ms: ["p50", "p99", "max"],
      bytes_per_player_second: ["mean"],
    })) {
      for (const part of parts) assert.ok(Number.isFinite(report[field][part]), `${field}.${part}`);
    }
    for (const part of ["p50", "p99", "max"]) assert.ok(Number.isFinite(report.bots.lateness_ms[part]), part);
    assert.ok(report.frames_per_player_second.p1 > 0);
    assert.ok(report.bytes_per_player_second.mean > 0);
    assert.ok(report.bots.cpu_seconds > 0);
    assert.ok(report.seconds >= 2);
    assert.equal(report.valid, report.invalid_because.length === 0);
    // The state is really there: ships are decoded, and fly. In the world a view fills within a second of the server's time.
    if (mode === "rooms") assert.equal(report.visible_bodies.mean, 10);
    assert.ok(report.visible_bodies.mean > 1);
    assert.ok(report.verified_moving_share > 0);

    server.kill("SIGTERM");
    assert.equal(await serverEnded, 0);
  });
}

test("a wrong flag is refused", { timeout: 60_000 }, async () => {
  const server = spawn(process.execPath, ["server.mjs", "--mode", "town"], { cwd: here, stdio: ["ignore", "ignore", "pipe"] });
  const why = firstLine({ stdout: server.stderr });
  assert.equal(await ended(server), 2);
  assert.match(await why, /--mode is town, but must be rooms or world/);
});
