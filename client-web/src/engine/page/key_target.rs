//! Which keys an element of the page takes before the game gets them.

/// What has the keyboard's focus when a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyTarget {
    /// Nothing that takes keys: all are the game's.
    Page,
    /// A button, which Enter presses.
    Button,
    /// A field, which takes every key.
    Field,
}

impl KeyTarget {
    /// Of an element with this tag name, in capitals as browsers have it, and with text that can be edited or not.
    pub fn of(tag: &str, is_editable: bool) -> Self {
        match tag {
            "INPUT" | "TEXTAREA" | "SELECT" => Self::Field,
            _ if is_editable => Self::Field,
            "BUTTON" => Self::Button,
            _ => Self::Page,
        }
    }

    /// Whether letters, arrows and space are not the game's.
    pub fn takes_letters(self) -> bool {
        self == Self::Field
    }

    /// Whether Enter is not the game's.
    pub fn takes_enter(self) -> bool {
        self != Self::Page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_take_every_key() {
        for tag in ["INPUT", "TEXTAREA", "SELECT"] {
            let target = KeyTarget::of(tag, false);
            assert!(target.takes_letters() && target.takes_enter(), "{tag}");
        }
    }

    #[test]
    fn buttons_take_enter_only() {
        let target = KeyTarget::of("BUTTON", false);
        assert!(target.takes_enter() && !target.takes_letters());
    }

    #[test]
    fn text_that_can_be_edited_is_a_field() {
        assert_eq!(KeyTarget::of("DIV", true), KeyTarget::Field);
        assert_eq!(KeyTarget::of("BUTTON", true), KeyTarget::Field);
    }

    #[test]
    fn the_page_and_its_canvas_take_none() {
        for tag in ["BODY", "CANVAS", "DIV", "LABEL", ""] {
            let target = KeyTarget::of(tag, false);
            assert!(!target.takes_letters() && !target.takes_enter(), "{tag}");
        }
    }
}
