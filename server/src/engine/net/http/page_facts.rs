//! What only the operator knows of a server, written into its page when the server starts: the public address, which previews of
//! links need because they take no relative ones, and the origins of the pages that may embed the game.

use std::num::NonZeroU64;

/// What stands before an address that must be absolute.
const ADDRESSES: [&str; 2] =
    [r#"<meta property="og:image" content=""#, r#"<meta name="twitter:image" content=""#];
/// What stands before the list of origins, which is empty in the file.
const EMBED_ORIGINS: &str = r#"<meta name="embed-origins" content=""#;
/// More make a page of 20 kB smaller by bytes, and the start longer.
const GZIP_ROUNDS: NonZeroU64 = NonZeroU64::MIN.saturating_add(2);

/// What is written into the page. Without either of the two, the page stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// The public address of the page with a slash at its end; empty if it is not known.
    pub(super) address: String,
    /// Origins with spaces between.
    pub(super) embed_origins: String,
}

impl PageFacts {
    /// The page with these facts. A page that has no place for one of them is left without it.
    pub(super) fn fill(&self, page: &str) -> String {
        let address = attribute(&self.address);
        let addresses = ADDRESSES.map(|before| (before, &address));
        let origins = attribute(&self.embed_origins);
        let all = addresses.into_iter().chain([(EMBED_ORIGINS, &origins)]);
        all.fold(page.to_owned(), |page, (before, fact)| page.replacen(before, &format!("{before}{fact}"), 1))
    }
}

/// The page as gzip. `None` if it cannot be made; then the page is sent as it is.
pub(super) fn gzip(page: &[u8]) -> Option<Vec<u8>> {
    let options = zopfli::Options { iteration_count: GZIP_ROUNDS, ..Default::default() };
    let mut out = Vec::new();
    zopfli::compress(options, zopfli::Format::Gzip, page, &mut out).ok()?;
    Some(out)
}

/// A text inside the quotes of an attribute: a URL's path may hold a quote.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<meta property="og:image" content="a.png"><meta name="twitter:image" content="a.png">
        <meta name="embed-origins" content=""><link href="a.png">"#;

    fn facts(address: &str, embed_origins: &str) -> PageFacts {
        PageFacts { address: address.to_owned(), embed_origins: embed_origins.to_owned() }
    }

    #[test]
    fn addresses_of_previews_become_absolute_and_no_others() {
        let page = facts("https://play.example/game/", "").fill(PAGE);
        assert_eq!(page.matches(r#"content="https://play.example/game/a.png""#).count(), 2, "{page}");
        assert!(page.contains(r#"href="a.png""#), "{page}");
    }

    #[test]
    fn origins_are_listed_and_nothing_ends_the_attribute() {
        let page =
            facts("https://play.example/\"><script>&/", "https://a.example https://b.example").fill(PAGE);
        assert!(page.contains(r#"name="embed-origins" content="https://a.example https://b.example""#));
        assert!(page.contains(r#"content="https://play.example/&quot;>&lt;script>&amp;/a.png""#), "{page}");
    }

    #[test]
    fn page_without_facts_or_places_stays_as_it_is() {
        assert_eq!(PageFacts::default().fill(PAGE), PAGE);
        assert_eq!(facts("https://play.example/", "https://a.example").fill("<p>"), "<p>");
    }

    #[test]
    fn gzip_is_smaller_than_the_page() {
        let packed = gzip("<p>words</p>".repeat(50).as_bytes()).expect("it is made");
        assert!(packed.starts_with(&[0x1f, 0x8b]) && packed.len() < 100);
    }
}
