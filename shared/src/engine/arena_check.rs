//! What the engine relies on in an arena of any game: checked wherever an arena comes from outside, before anything is made of it.

use super::{
    game_trait::{Arena, RuleError, within},
    limits::{ARENA_NAME_CHARS_MAX, ARENA_SIDE_MAX},
    text::{is_hidden, is_plain},
};

/// Checks an arena's name, size and view, and then everything that its game checks.
///
/// # Errors
/// The first value that is wrong, with its key and range.
pub fn check<A: Arena>(arena: &A) -> Result<(), RuleError> {
    let name = arena.name();
    let letters = name.chars().count();
    if !(1..=ARENA_NAME_CHARS_MAX).contains(&letters) {
        return Err(RuleError::new("name", &format!("{letters} characters long"), "1 to 32 characters"));
    }
    if !is_plain(name, |c| !is_hidden(c)) {
        let shown = format!("\"{}\"", name.escape_debug());
        return Err(RuleError::new("name", &shown, "visible characters and single spaces between words"));
    }
    // A game's own range is narrower, and its error better.
    arena.validate()?;
    for (part, sides) in [("size", arena.size()), ("view", arena.view())] {
        for (axis, side) in [("x", sides.x), ("y", sides.y)] {
            within(&format!("{part}.{axis}"), side, 1.0, ARENA_SIDE_MAX, "1 to 16384")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use glam::Vec2;
    use serde::{Deserialize, Serialize};

    use super::*;

    /// An arena of a game that checks nothing.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    struct Careless {
        name: String,
        #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
        size: Vec2,
        #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
        view: Vec2,
    }

    impl Arena for Careless {
        fn name(&self) -> &str {
            &self.name
        }

        fn size(&self) -> Vec2 {
            self.size
        }

        fn view(&self) -> Vec2 {
            self.view
        }

        fn validate(&self) -> Result<(), RuleError> {
            Ok(())
        }
    }

    fn arena() -> Careless {
        let size = Vec2::splat(ARENA_SIDE_MAX);
        Careless { name: "Great Hall".to_owned(), size, view: Vec2::splat(600.0) }
    }

    fn fault(change: impl FnOnce(&mut Careless)) -> String {
        let mut arena = arena();
        change(&mut arena);
        check(&arena).expect_err("it is wrong").to_string()
    }

    #[test]
    fn largest_arena_is_valid_and_its_cells_have_numbers() {
        assert_eq!(check(&arena()), Ok(()));
        assert_eq!(arena().grid().len(), crate::engine::limits::CELLS_MAX);
    }

    #[test]
    fn name_size_and_view_are_checked_even_if_the_game_does_not() {
        assert_eq!(
            fault(|arena| arena.name.clear()),
            "name is 0 characters long, but must be 1 to 32 characters"
        );
        let long = "name is 1000000 characters long, but must be 1 to 32 characters";
        assert_eq!(fault(|arena| arena.name = "x".repeat(1_000_000)), long);
        let hidden =
            "name is \"Hall\\u{202e}\", but must be visible characters and single spaces between words";
        assert_eq!(fault(|arena| arena.name = "Hall\u{202e}".to_owned()), hidden);
        assert_eq!(fault(|arena| arena.size.x = 16_385.0), "size.x is 16385, but must be 1 to 16384");
        assert_eq!(fault(|arena| arena.size.y = f32::NAN), "size.y is NaN, but must be 1 to 16384");
        assert_eq!(fault(|arena| arena.view.x = 0.0), "view.x is 0, but must be 1 to 16384");
        assert_eq!(fault(|arena| arena.view.y = f32::INFINITY), "view.y is inf, but must be 1 to 16384");
    }
}
