// Which ships a player of the one world sees: about the 50 nearest. A grid finds them, so that the choice costs little
// beside the encoding. It knows pilots (`x`, `y`, `ship`, `view`, `seen`, `gone`) and nothing of rooms or sockets.

/** Ships in a full view, the player's own among them. */
export const SHIPS_SEEN = 50;
/** How much nearer, squared, a ship counts that is seen already: without it those at the border would come and go,
 * and each return sends the whole ship again ("Optimizing State"). */
const STAY = 0.7;
/** Ships in a cell, on average. */
const CELL_SHIPS = 4;

/** Chooses again for the pilots `first`, `first + every`, `first + 2 * every`, … of all `pilots`. */
export function refreshViews(pilots, arenaSide, first, every) {
  if (first >= pilots.length) return;
  const grid = new Grid(pilots, arenaSide);
  for (let index = first; index < pilots.length; index += every) {
    show(pilots[index], nearest(pilots[index], grid));
  }
}

class Grid {
  constructor(pilots, arenaSide) {
    this.cells = Math.max(1, Math.round(Math.sqrt(pilots.length / CELL_SHIPS)));
    this.cellSide = arenaSide / this.cells;
    this.pilots = Array.from({ length: this.cells * this.cells }, () => []);
    for (const pilot of pilots) this.pilots[this.row(pilot.y) * this.cells + this.row(pilot.x)].push(pilot);
  }

  row(length) {
    return Math.min(this.cells - 1, Math.max(0, Math.floor(length / this.cellSide)));
  }

  /** Appends the pilots of the cells at exactly `ring` cells from (column, row). */
  collect(column, row, ring, found) {
    const side = this.cells - 1;
    for (let y = Math.max(0, row - ring); y <= Math.min(side, row + ring); y += 1) {
      const whole = Math.abs(y - row) === ring;
      for (let x = column - ring; x <= column + ring; x += whole ? 1 : 2 * ring) {
        if (x >= 0 && x <= side) found.push(...this.pilots[y * this.cells + x]);
      }
    }
  }
}

/** The pilots that `pilot` shall see, itself first. */
function nearest(pilot, grid) {
  const column = grid.row(pilot.x);
  const row = grid.row(pilot.y);
  const found = [];
  // One ring more than has enough: its nearest ships may be nearer than the corners of the rings inside it.
  let rings = grid.cells;
  for (let ring = 0; ring <= rings; ring += 1) {
    grid.collect(column, row, ring, found);
    if (rings === grid.cells && found.length >= SHIPS_SEEN) rings = Math.min(ring + 1, rings);
  }
  for (const other of found) {
    const far = (other.x - pilot.x) ** 2 + (other.y - pilot.y) ** 2;
    other.rank = other === pilot ? -1 : pilot.seen.has(other) ? far * STAY : far;
  }
  return found.sort((a, b) => a.rank - b.rank).slice(0, SHIPS_SEEN);
}

/** Changes the view of `pilot` to hold just the ships of `chosen`. */
function show(pilot, chosen) {
  const seen = new Set(chosen);
  for (const other of pilot.seen) {
    if (!seen.has(other) && !other.gone) pilot.view.remove(other.ship);
  }
  for (const other of chosen) {
    if (!pilot.seen.has(other)) pilot.view.add(other.ship);
  }
  pilot.seen = seen;
}
