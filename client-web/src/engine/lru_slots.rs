//! A fixed number of places for things that are costly to make: the one that was not asked for longest makes room.
//! It must not know what lies in them.

/// Who has which place, and since when nobody asked.
#[derive(Clone, Debug)]
pub struct LruSlots<K> {
    slots: Vec<Option<Held<K>>>,
    turn: u64,
}

#[derive(Clone, Debug)]
struct Held<K> {
    key: K,
    /// The last turn in which it was asked for.
    asked: u64,
}

/// Where something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// In this slot.
    Here(usize),
    /// Nowhere yet, but this slot is now its: make it there.
    Vacant(usize),
}

impl<K: Clone + PartialEq> LruSlots<K> {
    /// So many empty slots.
    pub fn new(count: usize) -> Self {
        Self { slots: vec![None; count], turn: 0 }
    }

    /// A turn begins: what is asked for in it keeps its slot until the next.
    pub fn turn(&mut self) {
        self.turn += 1;
    }

    /// Asks for `key`. With `may_make` it is given a slot if it has none; `None` if it has none and gets none, because
    /// it may not or because every slot was asked for in this turn.
    pub fn ask(&mut self, key: &K, may_make: bool) -> Option<Found> {
        let turn = self.turn;
        let here = self.slots.iter_mut().enumerate().find_map(|(index, slot)| {
            let held = slot.as_mut().filter(|held| held.key == *key)?;
            held.asked = turn;
            Some(index)
        });
        if let Some(index) = here {
            return Some(Found::Here(index));
        }
        if !may_make {
            return None;
        }
        // Empty ones first: `None` is before every turn.
        let asked = |slot: &Option<Held<K>>| slot.as_ref().map(|held| held.asked);
        let (index, slot) = self.slots.iter_mut().enumerate().min_by_key(|(_, slot)| asked(slot))?;
        if asked(slot) == Some(turn) {
            return None;
        }
        *slot = Some(Held { key: key.clone(), asked: turn });
        Some(Found::Vacant(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_not_asked_for_longest_makes_room() {
        let mut slots = LruSlots::new(2);
        for (key, found) in [('a', 0), ('b', 1)] {
            slots.turn();
            assert_eq!(slots.ask(&key, true), Some(Found::Vacant(found)));
        }
        slots.turn();
        assert_eq!(slots.ask(&'a', true), Some(Found::Here(0)));
        assert_eq!(slots.ask(&'c', false), None, "it may not be made");
        assert_eq!(slots.ask(&'c', true), Some(Found::Vacant(1)), "b had waited longest");
        assert_eq!(slots.ask(&'d', true), None, "both are in use");
        slots.turn();
        assert_eq!(slots.ask(&'b', true), Some(Found::Vacant(0)));
        assert_eq!(slots.ask(&'c', true), Some(Found::Here(1)));
    }
}
