//! A hash of state that detects divergence. It is no defence against an attacker.

use serde::Serialize;

use super::protocol::write;

/// FNV-1a over 32-bit words (Fowler, Noll, Vo: offset basis and prime of the 64-bit variant).
#[derive(Clone, Copy, Debug)]
pub struct Checksum(u64);

impl Default for Checksum {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Checksum {
    /// The hash of a value's encoding. Allocates nothing.
    pub fn of(value: &impl Serialize) -> u64 {
        let mut sum = Self::default();
        sum.encoding(value);
        sum.finish()
    }

    /// Adds the bytes of a value's encoding.
    pub fn encoding(&mut self, value: &impl Serialize) {
        write(value, |bytes| self.bytes(bytes));
    }

    /// Adds a word.
    pub fn word(&mut self, word: u32) {
        self.0 = (self.0 ^ u64::from(word)).wrapping_mul(0x0000_0100_0000_01b3);
    }

    /// Adds a float by its bits, so that −0 and 0 differ, as bit equality requires.
    pub fn float(&mut self, value: f32) {
        self.word(value.to_bits());
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.word(u32::from(*byte));
        }
    }

    /// The hash of everything added, mixed so that every bit counts (finaliser of MurmurHash3).
    pub fn finish(self) -> u64 {
        let mut h = self.0;
        h = (h ^ (h >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        h = (h ^ (h >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        h ^ (h >> 33)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_sign_matter() {
        let of = |words: &[f32]| {
            let mut sum = Checksum::default();
            words.iter().for_each(|w| sum.float(*w));
            sum.finish()
        };
        assert_ne!(of(&[1.0, 2.0]), of(&[2.0, 1.0]));
        assert_ne!(of(&[0.0]), of(&[-0.0]));
        assert_eq!(of(&[1.5, -2.0]), of(&[1.5, -2.0]));
    }
}
