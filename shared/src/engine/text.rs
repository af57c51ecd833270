//! What a text that others read may consist of: names of players and arenas, and chat. No character may be invisible, reorder
//! the text around it, or depend on the reader's fonts alone.
//!
//! These are checks of one character or string without tables of Unicode, because the browser's client carries them too.
//! The server cleans texts before it checks them: it also bounds the marks on a letter.

/// What no text may contain, and no cleaning mends: control characters, private use and noncharacters. White space is a
/// matter of its own.
pub fn is_unprintable(c: char) -> bool {
    let is_control = c.is_control() && !c.is_whitespace();
    let is_private = matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}');
    let is_noncharacter = matches!(c, '\u{FDD0}'..='\u{FDEF}') || (c as u32 & 0xFFFE) == 0xFFFE;
    is_control || is_private || is_noncharacter
}

/// Characters that show nothing and are no white space. With them one text looks like another.
pub fn is_hidden(c: char) -> bool {
    match c {
        // Default_Ignorable_Code_Point: soft hyphen, fillers of Hangul, joiners, selectors of variants, directions of text, tags.
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' => true,
        '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' => true,
        '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' => true,
        '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' => true,
        '\u{E0000}'..='\u{E0FFF}' => true,
        // Annotations, and the place of an object that is not there.
        '\u{FFF9}'..='\u{FFFC}' => true,
        // Letters and symbols whose glyph is blank: Braille, Khitan, musical, and the layout of hieroglyphs.
        '\u{2800}' | '\u{16FE4}' | '\u{1D159}' | '\u{13430}'..='\u{13442}' => true,
        _ => false,
    }
}

/// The hidden characters that some scripts and emoji need inside a word: the two joiners, and the selectors of text or emoji
/// style.
pub fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE0E}' | '\u{FE0F}')
}

/// Whether `text` shows something, single spaces between words are its only white space, and each character satisfies
/// `is_allowed`.
pub(crate) fn is_plain(text: &str, is_allowed: impl Fn(char) -> bool) -> bool {
    let is_spaced = text.split(' ').all(|word| !word.is_empty() && !word.contains(char::is_whitespace));
    is_spaced && text.chars().all(|c| !is_unprintable(c) && is_allowed(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_of_each_kind_are_known() {
        for hidden in [
            '\u{3164}',
            '\u{2800}',
            '\u{115F}',
            '\u{1160}',
            '\u{FFA0}',
            '\u{034F}',
            '\u{FE0F}',
            '\u{200B}',
            '\u{202E}',
            '\u{2066}',
            '\u{FEFF}',
            '\u{E0041}',
            '\u{E0100}',
        ] {
            assert!(is_hidden(hidden) && !is_unprintable(hidden), "{}", hidden.escape_unicode());
        }
        for shown in
            ['a', 'é', '\u{301}', '火', 'ᄀ', '⠁', '🔥', '\u{1F3FD}', '🇫', ' ', '\u{3000}', '\u{FFFD}']
        {
            assert!(!is_hidden(shown) && !is_unprintable(shown), "{}", shown.escape_unicode());
        }
    }

    #[test]
    fn unprintable_characters_are_control_private_use_and_noncharacters() {
        for c in
            ['\0', '\u{7}', '\u{7f}', '\u{9b}', '\u{e000}', '\u{fdd0}', '\u{ffff}', '\u{1fffe}', '\u{100000}']
        {
            assert!(is_unprintable(c), "{}", c.escape_unicode());
        }
        assert!(!['\n', '\t', '\u{85}'].into_iter().any(is_unprintable), "white space becomes a space");
    }

    #[test]
    fn plain_text_has_single_spaces_inside() {
        for plain in ["Ada", "Ada Lovelace", "火 花"] {
            assert!(is_plain(plain, |_| true), "{plain:?}");
        }
        for not in ["", " ", "a  b", " a", "a ", "a\u{a0}b", "a\nb", "a\u{7}b"] {
            assert!(!is_plain(not, |_| true), "{not:?}");
        }
    }
}
