// Cells and replicas without a server: the protocol's worked example, its vectors, and what is out of sync.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { emberdrift } from "../src/emberdrift.js";
import { Cell, OutOfSync, Replica } from "../src/index.js";

const ARENA = { size: [2048, 1024] };
const entered = (gap, x, y, vx, vy, heading, status, health) => ({ gap, state: { x, y, vx, vy, heading, look: { status, health } } });

/** Both updates of PROTOCOL.md, section 5.7. */
const FIRST = [
  "Reset",
  { Entered: [entered(3, 100, 200, 5, -7, 64, 9, 240), entered(9, 8000, 4096, 0, 0, 0, 0, 120), entered(28, 4000, 300, -130, 16, 200, 1, 240)] },
  { ItemsAdded: [{ x: 1, y: 2, item: 3 }, { x: 255, y: 0, item: 10 }] },
];
const SECOND = [
  { Left: [1] },
  { Entered: [entered(50, 8190, 77, -16, 3, 10, 2, 225)] },
  { Moved: { which: [3], moves: [{ dx: 2, dy: -1, heading: 66 }, { dx: 0, dy: 0, heading: 196 }] } },
  { Looks: [{ skip: 1, look: { status: 5, health: 225 } }] },
  { ItemsTaken: [{ x: 255, y: 0, by: 3 }] },
  { ItemsAdded: [{ x: 255, y: 0, item: 2 }] },
  { Checksum: 0x7bbd85a2 },
];

const cellOf = (...changes) => {
  const cell = new Cell();
  for (const change of changes) cell.apply(change, 1, emberdrift);
  return cell;
};

const frame = (tick, cells, view = null) => ({
  head: { tick, lead: -128, viewer: { Spectator: { target: null } }, view },
  notices: [],
  cells,
});
const WINDOW = { left: 0, bottom: 0, right: 3, top: 1 };
const RESET = { window: WINDOW, reset: true };

/** A replica with one cell, which has two bodies and an item. */
const replicaWith = (...changes) => {
  const replica = new Replica(emberdrift, ARENA, 30);
  replica.apply(frame(1, [{ cell: 5, changes: ["Reset", ...changes] }], RESET));
  return replica;
};

test("empty cell has the protocol's checksum", () => {
  assert.equal(new Cell().checksum(emberdrift), 0xc955bf28);
});

test("worked example of the protocol ends with its checksum", () => {
  const cell = cellOf(...FIRST);
  cell.advance();
  for (const change of SECOND) cell.apply(change, 2, emberdrift);
  assert.deepEqual(
    cell.bodies.map(({ id, x, y, vx, vy, heading, since }) => [id, x, y, vx, vy, heading, since]),
    [[3, 107, 192, 7, -8, 66, 1], [40, 3870, 316, -130, 16, 196, 1], [50, 8190, 77, -16, 3, 10, 2]],
  );
  assert.equal(cell.checksum(emberdrift), 0x7bbd85a2);
});

test("every field of a cell is in its checksum", () => {
  const known = cellOf(...FIRST).checksum(emberdrift);
  const changes = [
    ...["id", "x", "y", "vx", "vy", "heading"].map((field) => (cell) => (cell.bodies[0][field] += 1)),
    (cell) => (cell.bodies[0].look = { status: 8, health: 240 }),
    (cell) => (cell.bodies[0].look = { status: 9, health: 239 }),
    (cell) => (cell.items.get(513).item += 1),
    (cell) => cell.items.delete(513),
  ];
  for (const change of changes) {
    const cell = cellOf(...FIRST);
    change(cell);
    assert.notEqual(cell.checksum(emberdrift), known, String(change));
  }
});

test("positions and velocities wrap in 16 bits", () => {
  const cell = cellOf({ Entered: [entered(1, 32767, -32768, 1, -1, 0, 0, 0)] });
  cell.advance();
  const [{ x, y }] = cell.bodies;
  assert.deepEqual([x, y], [-32768, 32767]);
  cell.apply({ CatchUp: [{ skip: 0, dx: 0, dy: 0, dvx: 32767, dvy: 0, heading: 3 }] }, 1, emberdrift);
  assert.equal(cell.bodies[0].vx, -32768);
});

test("heading that did not change is kept", () => {
  const cell = cellOf(...FIRST);
  cell.apply({ Moved: { which: [4], moves: [{ dx: 1, dy: 1, heading: null }] } }, 2, emberdrift);
  assert.equal(cell.bodies[2].heading, 200);
});

test("changes made for another state are out of sync", () => {
  const wrong = [
    { Left: [2, 1] },
    { Moved: { which: [8], moves: [{ dx: 0, dy: 0, heading: 0 }] } },
    { Moved: { which: [3], moves: [{ dx: 0, dy: 0, heading: 0 }] } },
    { CatchUp: [{ skip: 3, dx: 0, dy: 0, dvx: 0, dvy: 0, heading: 0 }] },
    { Looks: [{ skip: 9, look: { status: 0, health: 0 } }] },
    { ItemsTaken: [{ x: 9, y: 9, by: 3 }] },
    { Checksum: 1 },
  ];
  for (const change of wrong) {
    assert.throws(() => cellOf(...FIRST).apply(change, 2, emberdrift), OutOfSync, JSON.stringify(change));
  }
});

test("replica shows bodies and items in units", () => {
  const replica = replicaWith({ Entered: [entered(7, 16, 32, 3, -3, 64, 1, 255)] }, { ItemsAdded: [{ x: 0, y: 255, item: 253 }] });
  const look = { status: 1, health: 255 };
  assert.deepEqual([...replica.bodies().values()], [{ id: 7, x: 513, y: 514, vx: 5.625, vy: -5.625, heading: Math.PI / 2, look }]);
  assert.deepEqual(replica.items(), [{ x: 513, y: 512 + 511, item: 253 }]);
});

test("body in two cells is shown in the one that it entered last", () => {
  const replica = replicaWith({ Entered: [entered(7, 8190, 0, 0, 0, 0, 0, 255)] });
  const enters = (tick, cell, x) => {
    replica.apply(frame(tick, [{ cell, changes: [{ Entered: [entered(7, x, 0, 0, 0, 0, 0, 255)] }] }]));
    return replica.bodies().get(7).x;
  };
  assert.equal(enters(2, 6, 48), 2 * 512 + 3);
  assert.equal(enters(3, 4, 16), 1);
  assert.equal(enters(4, 6, 32), 2 * 512 + 2);
});

test("cells out of view are forgotten and their updates ignored", () => {
  const replica = replicaWith({ Entered: [entered(7, 0, 0, 0, 0, 0, 0, 255)] });
  const view = { window: { left: 2, bottom: 0, right: 9, top: 9 }, reset: false };
  replica.apply(frame(2, [{ cell: 5, changes: [{ Checksum: 1 }] }], view));
  assert.deepEqual([...replica.cells.keys()], [2, 3, 6, 7]);
  assert.equal(replica.mismatches, 0);
});

test("cell that differs is asked for once, and again after two seconds", () => {
  const replica = replicaWith({ Entered: [entered(7, 0, 0, 0, 0, 0, 0, 255)] });
  const wrong = (tick) => replica.apply(frame(tick, [{ cell: 5, changes: [{ Checksum: 1 }] }])).resync;
  assert.deepEqual([wrong(2), wrong(3), wrong(62), wrong(63), wrong(64)], [[5], [], [], [5], []]);
  assert.equal(replica.mismatches, 1);
  replica.apply(frame(65, [{ cell: 5, changes: ["Reset"] }]));
  assert.deepEqual(wrong(66), [5]);
  assert.equal(replica.mismatches, 2);
});

test("events have the corner of their cell", () => {
  const replica = replicaWith();
  const event = { Hit: { shot: 1, ship: 2 } };
  const { events } = replica.apply(frame(2, [{ cell: 6, changes: [{ Events: [event] }] }]));
  assert.deepEqual(events, [{ x: 1024, y: 512, event }]);
});

test("every frame of the test vectors is taken", () => {
  const vectors = JSON.parse(readFileSync(new URL("../../../shared/vectors/server.json", import.meta.url)));
  const frames = vectors.flatMap(({ json }) => (json.Frame ? [json.Frame] : []));
  assert.ok(frames.length > 3);
  for (const each of frames) {
    const replica = new Replica(emberdrift, ARENA, 30);
    replica.apply(frame(1, [], RESET));
    replica.apply(each);
  }
});
