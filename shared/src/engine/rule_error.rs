//! A number that an arena or a server got wrong: the error, and the check that returns it.

use std::borrow::Cow;

/// A number outside its range; the text names the key and the range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{key} is {value}, but must be {range}")]
pub struct RuleError {
    key: String,
    value: String,
    range: Cow<'static, str>,
}

impl RuleError {
    /// `key` is `value`, but must be in `range`.
    pub fn new(key: impl Into<String>, value: &impl ToString, range: impl Into<Cow<'static, str>>) -> Self {
        Self { key: key.into(), value: value.to_string(), range: range.into() }
    }

    /// The key of the number, such as `rules.hulls[2].radius`.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Checks one number; `range` describes the bounds.
///
/// # Errors
/// If it is outside of them, or NaN.
pub fn within(
    key: &str,
    value: f32,
    low: f32,
    high: f32,
    range: impl Into<Cow<'static, str>>,
) -> Result<(), RuleError> {
    // Written so that NaN fails.
    if value >= low && value <= high { Ok(()) } else { Err(RuleError::new(key, &value, range)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_allowed_and_nan_is_not() {
        let is_within = |value| within("a", value, 1.0, 2.0, "1 to 2").is_ok();
        assert!(is_within(1.0) && is_within(2.0));
        for value in [0.9, 2.1, f32::NAN, f32::INFINITY] {
            assert!(!is_within(value), "{value}");
        }
    }

    #[test]
    fn text_says_which_number_and_what_it_must_be() {
        let error = within("rules.drag", 9.0, 0.0, 8.0, "0 to 8").expect_err("it is too large");
        assert_eq!(error.to_string(), "rules.drag is 9, but must be 0 to 8");
        assert_eq!(error.key(), "rules.drag");
    }
}
