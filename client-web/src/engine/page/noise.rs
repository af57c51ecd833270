//! Cheap randomness for pictures only. It must never decide anything in a game.

/// A xorshift generator: 32 bits of state, good enough for the eye.
#[derive(Clone, Copy, Debug)]
pub struct Random(u32);

impl Random {
    /// Equal seeds give equal numbers.
    pub fn new(seed: u32) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9) ^ 0x85EB_CA6B | 1)
    }

    /// The next number, 0 to just under 1.
    pub fn unit(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) as f32 / (1 << 24) as f32
    }

    /// The next number from `low` to `high`.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// The next angle, in radians.
    pub fn angle(&mut self) -> f32 {
        self.unit() * core::f32::consts::TAU
    }
}

/// Smooth noise that tiles: `side` lattice points on a side; `x` and `y` are 0 to 1, and so is the value.
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

/// A square of cloud that tiles, `pixels` on a side, with values from 0 to 255. The coarsest of its `octaves` has
/// `first` lattice points on a side.
pub fn clouds(pixels: usize, first: usize, octaves: u32, seed: u32) -> Vec<u8> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_range_and_cover_it() {
        let mut random = Random::new(5);
        let numbers: Vec<f32> = (0..10_000).map(|_| random.unit()).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        for tenth in 0..10 {
            let inside = numbers.iter().filter(|number| (**number * 10.0) as u32 == tenth).count();
            assert!((800..1200).contains(&inside), "{inside} of 10,000 in tenth {tenth}");
        }
        assert!((0..1000).all(|_| (-3.0..7.0).contains(&random.between(-3.0, 7.0))));
    }

    #[test]
    fn equal_seeds_give_equal_numbers_and_others_do_not() {
        let first = |seed| Random::new(seed).unit();
        assert_eq!(first(3), first(3));
        let firsts: std::collections::BTreeSet<u32> = (0..100).map(|seed| first(seed).to_bits()).collect();
        assert_eq!(firsts.len(), 100);
    }

    #[test]
    fn clouds_use_the_whole_range() {
        let clouds = clouds(64, 4, 3, 7);
        assert_eq!(clouds.len(), 64 * 64);
        assert_eq!((clouds.iter().min(), clouds.iter().max()), (Some(&0), Some(&255)));
    }

    #[test]
    fn clouds_have_no_seam() {
        let side = 64;
        let clouds = clouds(side, 4, 3, 7);
        let step = |a: usize, b: usize| clouds[a].abs_diff(clouds[b]);
        let inside = (0..side).flat_map(|row| (1..side).map(move |column| row * side + column));
        let steepest = inside.map(|at| step(at, at - 1)).max();
        let seam = (0..side).map(|row| step(row * side, row * side + side - 1)).max();
        assert!(seam <= steepest, "a step of {seam:?} at the seam, {steepest:?} elsewhere");
    }
}
