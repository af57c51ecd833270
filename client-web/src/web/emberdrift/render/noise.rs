//! Cheap randomness for what is only looked at. It must never decide anything in the game.

/// A small generator: xorshift, good enough for sparks.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Random(u32);

impl Random {
    /// Starts from a seed.
    pub(in crate::web) fn new(seed: u32) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9) ^ 0x85EB_CA6B | 1)
    }

    /// The next number, 0 to just under 1.
    pub(in crate::web) fn unit(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) as f32 / (1 << 24) as f32
    }

    /// The next number from `low` to `high`.
    pub(in crate::web) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// The next angle, in radians.
    pub(in crate::web) fn angle(&mut self) -> f32 {
        self.unit() * core::f32::consts::TAU
    }
}

/// Smooth noise that tiles: `side` lattice points on a side, place 0 to 1 on each axis, value 0 to 1.
fn tiling(lattice: &[f32], side: usize, x: f32, y: f32) -> f32 {
    let (x, y) = (x * side as f32, y * side as f32);
    let (column, row) = (x as usize, y as usize);
    let smooth = |t: f32| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    let (tx, ty) = (smooth(x.fract()), smooth(y.fract()));
    let at = |column: usize, row: usize| lattice[(row % side) * side + column % side];
    let low = at(column, row) + (at(column + 1, row) - at(column, row)) * tx;
    let high = at(column, row + 1) + (at(column + 1, row + 1) - at(column, row + 1)) * tx;
    low + (high - low) * ty
}

/// A square of cloud, `pixels` on a side, that tiles; each value 0 to 255. `first` lattice points on a side in
/// the coarsest of `octaves`.
pub(in crate::web) fn clouds(pixels: usize, first: usize, octaves: u32, seed: u32) -> Vec<u8> {
    let mut random = Random::new(seed);
    let layers: Vec<(usize, Vec<f32>)> = (0..octaves)
        .map(|octave| {
            let side = first << octave;
            (side, (0..side * side).map(|_| random.unit()).collect())
        })
        .collect();
    let mut sums = Vec::with_capacity(pixels * pixels);
    for row in 0..pixels {
        for column in 0..pixels {
            let (x, y) = (column as f32 / pixels as f32, row as f32 / pixels as f32);
            let mut strength = 0.5;
            let mut sum = 0.0;
            for (side, lattice) in &layers {
                sum += tiling(lattice, *side, x, y) * strength;
                strength *= 0.55;
            }
            sums.push(sum);
        }
    }
    let low = sums.iter().copied().fold(f32::MAX, f32::min);
    let high = sums.iter().copied().fold(f32::MIN, f32::max);
    sums.iter().map(|sum| ((sum - low) / (high - low).max(1e-6) * 255.0) as u8).collect()
}
