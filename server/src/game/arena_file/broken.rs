//! Explains syntax errors of an arena file to its author. It must not know what an arena is.

use ron::error::{Error, SpannedError};

/// Most characters of a line that are shown.
const SHOWN: usize = 60;

/// What is wrong, and how to mend it.
pub(super) fn explain(error: &SpannedError, text: &str) -> String {
    let (line, column) = (error.span.start.line, error.span.start.col);
    let mut from_there = text.lines().skip(line.saturating_sub(1));
    let line = from_there.next().unwrap_or_default();
    let shown: String = line.trim().chars().take(SHOWN).collect();
    let behind: String =
        line.chars().skip(column.saturating_sub(1)).chain(from_there.flat_map(str::chars)).collect();
    let is_at_end = behind.trim().is_empty();
    match &error.code {
        Error::NoSuchStructField { found, expected, .. } => {
            format!("there is no key `{found}` here; the keys are {}", expected.join(", "))
        }
        Error::MissingStructField { field, .. } => {
            format!("the key `{field}` is missing in the part that ends with this line: add it")
        }
        Error::DuplicateStructField { field, .. } => {
            format!("the key `{field}` is given twice in one part: take one away")
        }
        code if is_at_end || *code == Error::Eof => {
            "the file ends too early: a `)`, `]` or `\"` is not closed".to_owned()
        }
        Error::TrailingCharacters => format!("there is more behind the arena's last `)`: `{shown}`"),
        Error::ExpectedComma => format!("a comma is missing before `{shown}`"),
        Error::ExpectedFloat | Error::ExpectedInteger => format!("a number belongs where it says `{shown}`"),
        code => format!("{code}, in `{shown}`"),
    }
}
