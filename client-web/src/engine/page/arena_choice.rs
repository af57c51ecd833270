//! Which of a server's arenas the visitor plays in: the server's list, and the visitor's choice.

use std::borrow::Cow;

use super::room_link;

/// One arena of the server's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArenaOffer {
    /// Its name in addresses.
    pub slug: String,
    /// Its display name.
    pub name: String,
    /// How it is played; empty if the server does not say.
    pub mode: String,
    /// Bodies in it: those of players, and those that the server steers.
    pub population: u32,
    /// Players in it.
    pub players: u32,
    /// Free seats for players.
    pub free: u32,
}

/// The visitor's choice.
#[derive(Clone, Debug, Default)]
pub struct ArenaChoice {
    /// The server's list, its default first; empty until it has arrived.
    offers: Vec<ArenaOffer>,
    wanted: Option<String>,
    /// The code of a private room, which comes before everything else.
    room: Option<String>,
}

impl ArenaChoice {
    /// `wanted` is the slug that the visitor asked for, if any.
    pub fn new(wanted: Option<String>) -> Self {
        Self { offers: Vec::new(), wanted, room: None }
    }

    /// Replaces the server's list. A visitor who has not chosen goes where most players are, by the first list: what is on the screen
    /// does not change with every list.
    pub fn set_offers(&mut self, offers: Vec<ArenaOffer>) {
        if self.offers.is_empty() && self.wanted.is_none() {
            self.wanted = liveliest(&offers).map(|offer| offer.slug.clone());
        }
        self.offers = offers;
    }

    /// The server's list.
    pub fn offers(&self) -> &[ArenaOffer] {
        &self.offers
    }

    /// Asks for this arena from now on.
    pub fn want(&mut self, slug: String) {
        self.wanted = Some(slug);
    }

    /// Goes to the room with this code, or to none.
    pub fn set_room(&mut self, code: Option<String>) {
        self.room = code;
    }

    /// The address of the arena or the room to connect to; `None` for the server's default.
    pub fn slug(&self) -> Option<Cow<'_, str>> {
        match &self.room {
            Some(code) => Some(room_link::slug(code).into()),
            None => self.arena().map(Cow::from),
        }
    }

    /// The slug of the chosen arena; `None` for the server's default, which also stands in for an arena that is not in the list.
    fn arena(&self) -> Option<&str> {
        let wanted = self.wanted.as_deref()?;
        (self.offers.is_empty() || self.index_of(wanted).is_some()).then_some(wanted)
    }

    /// The index in the list of the chosen arena.
    pub fn index(&self) -> usize {
        self.arena().and_then(|slug| self.index_of(slug)).unwrap_or(0)
    }

    fn index_of(&self, slug: &str) -> Option<usize> {
        self.offers.iter().position(|offer| offer.slug == slug)
    }
}

/// The arena with most players that has a free seat, the first of several; `None` if there are no players.
fn liveliest(offers: &[ArenaOffer]) -> Option<&ArenaOffer> {
    let open = offers.iter().filter(|offer| offer.free > 0 && offer.players > 0);
    // The last of several is taken.
    open.rev().max_by_key(|offer| offer.players)
}

/// Whether two lists have the same arenas in the same order, whatever their populations: then only numbers changed.
pub fn same_arenas(a: &[ArenaOffer], b: &[ArenaOffer]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (&a.slug, &a.name) == (&b.slug, &b.name))
}

/// An address's fragment with `arena=slug` in place of any other arena, and everything else kept:
/// `lang=zh&arena=ruins`.
pub fn fragment_with(fragment: &str, slug: &str) -> String {
    let others = fragment.trim_start_matches('#').split('&');
    let others = others.filter(|part| !part.is_empty() && part.split('=').next() != Some("arena"));
    others.chain([format!("arena={slug}").as_str()]).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(slugs: &[&str]) -> Vec<ArenaOffer> {
        let offer = |slug: &&str| ArenaOffer {
            slug: (*slug).into(),
            name: slug.to_uppercase(),
            mode: String::new(),
            population: 0,
            players: 0,
            free: 9,
        };
        slugs.iter().map(offer).collect()
    }

    #[test]
    fn wanted_arena_is_chosen_unless_the_list_lacks_it() {
        let mut choice = ArenaChoice::new(Some("ruins".into()));
        assert_eq!(choice.slug().as_deref(), Some("ruins"), "the list has not arrived");
        choice.set_offers(offers(&["drift", "ruins"]));
        assert_eq!((choice.slug().as_deref(), choice.index()), (Some("ruins"), 1));
        choice.set_offers(offers(&["drift", "duel"]));
        assert_eq!((choice.slug(), choice.index()), (None, 0));
        choice.want("duel".into());
        assert_eq!((choice.slug().as_deref(), choice.index()), (Some("duel"), 1));
    }

    #[test]
    fn room_comes_before_the_chosen_arena() {
        let mut choice = ArenaChoice::new(Some("ruins".into()));
        choice.set_offers(offers(&["drift", "ruins"]));
        choice.set_room(Some("ABC234".into()));
        assert_eq!((choice.slug().as_deref(), choice.index()), (Some("room/ABC234"), 1));
        choice.set_room(None);
        assert_eq!(choice.slug().as_deref(), Some("ruins"));
    }

    #[test]
    fn without_a_choice_the_server_decides() {
        let mut choice = ArenaChoice::new(None);
        assert_eq!(choice.slug(), None);
        choice.set_offers(offers(&["drift", "ruins"]));
        assert_eq!((choice.slug(), choice.index()), (None, 0));
    }

    #[test]
    fn visitor_without_a_choice_goes_where_most_players_are_and_stays_there() {
        let mut list = offers(&["drift", "ruins", "duel", "expanse"]);
        for (offer, (players, free)) in list.iter_mut().zip([(1, 9), (5, 9), (8, 0), (5, 9)]) {
            (offer.players, offer.free) = (players, free);
        }
        let mut choice = ArenaChoice::new(None);
        choice.set_offers(list.clone());
        assert_eq!((choice.slug().as_deref(), choice.index()), (Some("ruins"), 1), "the fullest has no seat");
        list[0].players = 9;
        choice.set_offers(list.clone());
        assert_eq!(choice.index(), 1);
        let mut choice = ArenaChoice::new(Some("duel".into()));
        choice.set_offers(list);
        assert_eq!(choice.index(), 2, "what the visitor has chosen counts");
    }

    #[test]
    fn fragment_keeps_its_other_parts() {
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

    #[test]
    fn a_list_with_other_populations_has_the_same_arenas() {
        let (list, mut busy) = (offers(&["drift", "ruins"]), offers(&["drift", "ruins"]));
        busy[1].population = 40;
        assert!(same_arenas(&list, &busy));
        assert!(!same_arenas(&list, &offers(&["ruins", "drift"])));
        assert!(!same_arenas(&list, &offers(&["drift"])));
    }
}
