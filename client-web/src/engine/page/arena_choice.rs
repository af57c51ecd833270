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
    /// The URL of its node, if the server is in a cluster.
    pub node: Option<String>,
    /// Where its node is, or what it is called; empty without a cluster.
    pub place: String,
}

/// The visitor's choice.
#[derive(Clone, Debug, Default)]
pub struct ArenaChoice {
    /// The server's list, its default first; empty until it has arrived.
    offers: Vec<ArenaOffer>,
    wanted: Option<String>,
    /// The URL of the node at which it is wanted; `None`: at any.
    wanted_node: Option<String>,
    /// The code of a private room, which comes before everything else.
    room: Option<String>,
}

impl ArenaChoice {
    /// `wanted` is the slug that the visitor asked for, if any; an empty one is the server's default.
    pub fn new(wanted: Option<String>) -> Self {
        Self { offers: Vec::new(), wanted, wanted_node: None, room: None }
    }

    /// Replaces the server's list. A visitor who has not chosen goes where most players are, by the first list: what is on the screen
    /// does not change with every list.
    pub fn set_offers(&mut self, offers: Vec<ArenaOffer>) {
        if self.offers.is_empty() && self.wanted.is_none() {
            let offer = liveliest(&offers);
            self.wanted = offer.map(|offer| offer.slug.clone());
            self.wanted_node = offer.and_then(|offer| offer.node.clone());
        }
        self.offers = offers;
    }

    /// The server's list.
    pub fn offers(&self) -> &[ArenaOffer] {
        &self.offers
    }

    /// Asks for this arena from now on.
    pub fn want(&mut self, slug: String) {
        self.want_at(slug, None);
    }

    /// The same at the node with this URL.
    pub fn want_at(&mut self, slug: String, node: Option<String>) {
        (self.wanted, self.wanted_node) = (Some(slug), node);
    }

    /// The URL of the node at which the arena was chosen; `None` for the server's own, which also finds rooms.
    pub fn node(&self) -> Option<&str> {
        if self.room.is_some() || self.arena().is_none() { None } else { self.wanted_node.as_deref() }
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
        let wanted = self.wanted.as_deref().filter(|slug| !slug.is_empty())?;
        (self.offers.is_empty() || self.index_of(wanted).is_some()).then_some(wanted)
    }

    /// The index in the list of the chosen arena.
    pub fn index(&self) -> usize {
        self.arena().and_then(|slug| self.index_of(slug)).unwrap_or(0)
    }

    fn index_of(&self, slug: &str) -> Option<usize> {
        let is_at = |offer: &ArenaOffer| self.wanted_node.is_none() || offer.node == self.wanted_node;
        self.offers.iter().position(|offer| offer.slug == slug && is_at(offer))
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
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| (&a.slug, &a.name, &a.node) == (&b.slug, &b.name, &b.node))
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
            node: None,
            place: String::new(),
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
    fn arena_of_another_node_is_chosen_there_and_a_room_at_the_own() {
        let mut list = offers(&["drift", "drift"]);
        list[0].node = Some("http://a".into());
        list[1].node = Some("http://b".into());
        let mut choice = ArenaChoice::new(None);
        choice.set_offers(list.clone());
        assert_eq!((choice.slug(), choice.node()), (None, None), "the server's default");
        choice.want_at("drift".into(), Some("http://b".into()));
        assert_eq!(
            (choice.slug().as_deref(), choice.node(), choice.index()),
            (Some("drift"), Some("http://b"), 1)
        );
        choice.set_room(Some("ABC234".into()));
        assert_eq!(choice.node(), None);
        list[1].players = 3;
        let mut choice = ArenaChoice::new(None);
        choice.set_offers(list);
        assert_eq!(choice.node(), Some("http://b"), "the liveliest");
    }

    #[test]
    fn without_a_choice_the_server_decides() {
        let mut choice = ArenaChoice::new(None);
        assert_eq!(choice.slug(), None);
        choice.set_offers(offers(&["drift", "ruins"]));
        assert_eq!((choice.slug(), choice.index()), (None, 0));
    }

    #[test]
    fn player_that_was_in_the_default_arena_stays_there() {
        let mut choice = ArenaChoice::new(Some(String::new()));
        assert_eq!(choice.slug(), None);
        let mut list = offers(&["drift", "ruins"]);
        list[1].players = 7;
        choice.set_offers(list);
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
