//! Which of a server's arenas a visitor plays in: what there is to choose from, and what is wanted. It must not know where
//! that is asked or kept.

/// One arena of the server's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its name as it stands in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Ships in it, pilots' and drones'.
    pub ships: u32,
}

/// The visitor's choice.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The server's list, its first for who does not choose; empty until it is known.
    offers: Vec<Offer>,
    wanted: Option<String>,
}

impl Choice {
    /// Of a visitor who wants this one, or does not say.
    pub fn new(wanted: Option<String>) -> Self {
        Self { offers: Vec::new(), wanted }
    }

    /// Takes the server's list.
    pub fn set_offers(&mut self, offers: Vec<Offer>) {
        self.offers = offers;
    }

    /// What there is to choose from.
    pub fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// Wants another.
    pub fn want(&mut self, slug: String) {
        self.wanted = Some(slug);
    }

    /// The arena to go to, by its slug; `None` for the one that the server takes who names none to. That is also where
    /// they go whose wish is not in the list.
    pub fn slug(&self) -> Option<&str> {
        let wanted = self.wanted.as_deref()?;
        (self.offers.is_empty() || self.place_of(wanted).is_some()).then_some(wanted)
    }

    /// The place in the list of the arena to go to.
    pub fn place(&self) -> usize {
        self.slug().and_then(|slug| self.place_of(slug)).unwrap_or(0)
    }

    fn place_of(&self, slug: &str) -> Option<usize> {
        self.offers.iter().position(|offer| offer.slug == slug)
    }
}

/// What stands behind `#` in an address, with this arena in place of any other: `lang=zh&arena=ruins`.
pub fn fragment_with(fragment: &str, slug: &str) -> String {
    let others = fragment.trim_start_matches('#').split('&');
    let others = others.filter(|part| !part.is_empty() && part.split('=').next() != Some("arena"));
    others.chain([format!("arena={slug}").as_str()]).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(slugs: &[&str]) -> Vec<Offer> {
        let offer = |slug: &&str| Offer { slug: (*slug).into(), name: slug.to_uppercase(), ships: 0 };
        slugs.iter().map(offer).collect()
    }

    #[test]
    fn a_wish_holds_unless_the_list_says_that_it_cannot_be() {
        let mut choice = Choice::new(Some("ruins".into()));
        assert_eq!(choice.slug(), Some("ruins"), "the list is yet to come");
        choice.set_offers(offers(&["drift", "ruins"]));
        assert_eq!((choice.slug(), choice.place()), (Some("ruins"), 1));
        choice.set_offers(offers(&["drift", "duel"]));
        assert_eq!((choice.slug(), choice.place()), (None, 0));
        choice.want("duel".into());
        assert_eq!((choice.slug(), choice.place()), (Some("duel"), 1));
    }

    #[test]
    fn who_wants_nothing_goes_where_the_server_takes_them() {
        let mut choice = Choice::new(None);
        assert_eq!(choice.slug(), None);
        choice.set_offers(offers(&["drift", "ruins"]));
        assert_eq!((choice.slug(), choice.place()), (None, 0));
    }

    #[test]
    fn what_else_is_in_the_address_stays_there() {
        for (before, after) in [
            ("", "arena=duel"),
            ("#", "arena=duel"),
            ("#arena=ruins", "arena=duel"),
            ("#lang=zh&arena=ruins&trace", "lang=zh&trace&arena=duel"),
            ("#arenas=2", "arenas=2&arena=duel"),
        ] {
            assert_eq!(fragment_with(before, "duel"), after, "{before}");
        }
    }
}
