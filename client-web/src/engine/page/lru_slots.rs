//! A least-recently-used cache of slot numbers, for things that live elsewhere, such as pieces of a texture.
//!
//! Not the crate `lru`: a slot that was used in the present round must not be given away, because it is still to be
//! drawn; and the index of a slot must stay the same for as long as its key has it.

/// Which key has which slot, and when it was last used.
#[derive(Clone, Debug)]
pub struct LruSlots<K> {
    slots: Vec<Option<Entry<K>>>,
    round: u64,
}

#[derive(Clone, Debug)]
struct Entry<K> {
    key: K,
    /// The last round in which it was used.
    used: u64,
}

/// The slot of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// It holds the key's content.
    Cached(usize),
    /// It is the key's from now on, and holds the content of another: fill it.
    Claimed(usize),
}

impl<K: Clone + PartialEq> LruSlots<K> {
    /// A cache with this many empty slots.
    pub fn new(count: usize) -> Self {
        Self { slots: vec![None; count], round: 0 }
    }

    /// Begins a round, such as a frame. Keys that are used in it keep their slots until the next.
    pub fn begin_round(&mut self) {
        self.round += 1;
    }

    /// The slot of `key`. If it has none and `may_claim`, it gets the least recently used one. `None` if it may not, or
    /// if every slot was used in this round.
    pub fn get_or_claim(&mut self, key: &K, may_claim: bool) -> Option<Slot> {
        let round = self.round;
        let cached = self.slots.iter_mut().enumerate().find_map(|(index, slot)| {
            let entry = slot.as_mut().filter(|entry| entry.key == *key)?;
            entry.used = round;
            Some(index)
        });
        if let Some(index) = cached {
            return Some(Slot::Cached(index));
        }
        if !may_claim {
            return None;
        }
        // Empty slots first: `None` is less than every round.
        let used = |slot: &Option<Entry<K>>| slot.as_ref().map(|entry| entry.used);
        let (index, slot) = self.slots.iter_mut().enumerate().min_by_key(|(_, slot)| used(slot))?;
        if used(slot) == Some(round) {
            return None;
        }
        *slot = Some(Entry { key: key.clone(), used: round });
        Some(Slot::Claimed(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_recently_used_slot_is_claimed() {
        let mut slots = LruSlots::new(2);
        for (key, index) in [('a', 0), ('b', 1)] {
            slots.begin_round();
            assert_eq!(slots.get_or_claim(&key, true), Some(Slot::Claimed(index)));
        }
        slots.begin_round();
        assert_eq!(slots.get_or_claim(&'a', true), Some(Slot::Cached(0)));
        assert_eq!(slots.get_or_claim(&'c', false), None, "it may not be claimed");
        assert_eq!(slots.get_or_claim(&'c', true), Some(Slot::Claimed(1)), "b was used longest ago");
    }

    #[test]
    fn slot_used_in_this_round_is_not_given_away() {
        let mut slots = LruSlots::new(2);
        slots.begin_round();
        assert_eq!(slots.get_or_claim(&'a', true), Some(Slot::Claimed(0)));
        assert_eq!(slots.get_or_claim(&'b', true), Some(Slot::Claimed(1)));
        assert_eq!(slots.get_or_claim(&'c', true), None);
        slots.begin_round();
        assert_eq!(slots.get_or_claim(&'c', true), Some(Slot::Claimed(0)));
        assert_eq!(slots.get_or_claim(&'b', true), Some(Slot::Cached(1)));
    }
}
