// Counts of durations, for their percentiles without keeping each one.

const STEP_MS = 0.1;
/** Longer ones count as this long, but in `max`, which is exact. */
const LONGEST_MS = 30_000;

export class Histogram {
  counts = new Uint32Array(LONGEST_MS / STEP_MS + 1);
  total = 0;
  max = 0;

  add(ms) {
    this.counts[Math.min(Math.round(ms / STEP_MS), this.counts.length - 1)] += 1;
    this.total += 1;
    if (ms > this.max) this.max = ms;
  }

  /** The least duration that `part` (0 to 1) of all do not exceed, to 0.1 ms; 0 of none. */
  percentile(part) {
    const wanted = Math.max(1, Math.ceil(part * this.total));
    let seen = 0;
    for (let index = 0; index < this.counts.length; index += 1) {
      seen += this.counts[index];
      if (seen >= wanted) return round(index * STEP_MS, 1);
    }
    return 0;
  }
}

/** The value of which `part` (0 to 1) of the numbers are not greater; 0 of none. */
export function percentile(numbers, part) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}

export function mean(numbers) {
  return numbers.length ? numbers.reduce((sum, number) => sum + number, 0) / numbers.length : 0;
}

export function round(number, digits) {
  return Number(number.toFixed(digits));
}
