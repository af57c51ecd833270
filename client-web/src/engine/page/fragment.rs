//! What stands behind `#` in the page's address: `#trace&lang=zh` has the keys `trace` and `lang`.

/// The value of `key`: empty if it stands there without one, `None` if it does not stand there. The first counts.
pub fn value<'a>(fragment: &'a str, key: &str) -> Option<&'a str> {
    let parts = fragment.trim_start_matches('#').split('&');
    let mut pairs = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
    pairs.find(|(name, _)| *name == key).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_values_or_only_stand_there() {
        assert_eq!(value("#trace&lang=zh", "lang"), Some("zh"));
        assert_eq!(value("#trace&lang=zh", "trace"), Some(""));
        assert_eq!(value("#trace&lang=zh", "arena"), None);
        assert_eq!(value("", "trace"), None);
    }

    #[test]
    fn a_key_is_not_the_beginning_of_another() {
        assert_eq!(value("#language=zh", "lang"), None);
        assert_eq!(value("#xlang=zh&lang=en", "lang"), Some("en"));
    }

    #[test]
    fn a_value_may_have_an_equals_sign_and_the_first_of_two_counts() {
        assert_eq!(value("arena=a=b&arena=c", "arena"), Some("a=b"));
    }
}
