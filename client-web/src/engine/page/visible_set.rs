//! Which of many things that never move are in view: their vertices are sent to the graphics card only when that changes.

/// Indices of what is in view.
#[derive(Debug, Default)]
pub struct VisibleSet {
    shown: Vec<usize>,
    next: Vec<usize>,
    /// Nothing was sent since [`VisibleSet::clear`].
    is_stale: bool,
}

impl VisibleSet {
    /// Other things are in the list from now on.
    pub fn clear(&mut self) {
        self.shown.clear();
        self.is_stale = true;
    }

    /// Finds those of `things` that are `visible`. Whether they are others than at the last call.
    pub fn update<T>(&mut self, things: &[T], visible: impl Fn(&T) -> bool) -> bool {
        self.next.clear();
        self.next.extend(things.iter().enumerate().filter(|(_, thing)| visible(thing)).map(|(i, _)| i));
        let has_changed = core::mem::take(&mut self.is_stale) || self.next != self.shown;
        core::mem::swap(&mut self.shown, &mut self.next);
        has_changed
    }

    /// Indices of those that are in view, in the list's order.
    pub fn indices(&self) -> &[usize] {
        &self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_set_is_a_change() {
        let mut set = VisibleSet::default();
        let things = [1, 5, 9];
        assert!(set.update(&things, |thing| *thing > 3));
        assert_eq!(set.indices(), [1, 2]);
        assert!(!set.update(&things, |thing| *thing > 4));
        assert!(set.update(&things, |thing| *thing > 5));
        assert_eq!(set.indices(), [2]);
    }

    #[test]
    fn other_things_at_the_same_indices_are_a_change() {
        let mut set = VisibleSet::default();
        set.update(&[1], |_| true);
        set.clear();
        assert!(set.update(&[2], |_| true) && !set.update(&[2], |_| true));
        set.clear();
        assert!(set.update(&[2], |_| false), "what was there must go");
        assert!(set.indices().is_empty());
    }
}
