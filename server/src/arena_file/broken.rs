//! What is wrong with a file that is no arena, in words for whoever wrote it. It must not know what an arena is.

use ron::error::{Error, SpannedError};

/// Most characters of a line that are shown.
const SHOWN: usize = 60;

/// What is wrong, and how to mend it.
pub(super) fn explain(error: &SpannedError, text: &str) -> String {
    let line = text.lines().nth(error.span.start.line.saturating_sub(1)).unwrap_or_default().trim();
    let shown: String = line.chars().take(SHOWN).collect();
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
        Error::Eof => "the file ends too early: a `)`, `]` or `\"` is not closed".to_owned(),
        Error::TrailingCharacters => format!("there is more behind the arena's last `)`: `{shown}`"),
        code => format!("{code}, in `{shown}`"),
    }
}
