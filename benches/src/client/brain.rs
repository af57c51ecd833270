//! What a load bot wants, in any game: a [`Brain`] turns what the bot sees, its [`Sight`], into its input of one tick. A brain is
//! pure: it knows neither sockets nor clocks nor messages, and the same bot that sees the same wants the same. That keeps two runs
//! of a plan comparable.
//!
//! Full and lite bots have the same brain. A lite bot sees only itself, so a brain must want something then too.

use client_web::engine::{
    session::{Session, VisibleBody},
    view::View,
};
use shared::{
    Vec2,
    engine::{
        game_trait::{Arena as _, Game},
        ids::Tick,
    },
};

use super::roles::Role;

/// The input of the game that a brain plays.
pub type InputOf<B> = <<B as Brain>::Game as Game>::Input;
type Own<B> = <<B as Brain>::Game as Game>::Own;
type Avatar<B> = <<B as Brain>::Game as Game>::Avatar;
type Map<B> = <<B as Brain>::Game as Game>::Map;
type Look<B> = <<B as Brain>::Game as Game>::Look;
type Item<B> = <<B as Brain>::Game as Game>::Item;

/// What one load bot wants.
pub trait Brain: Sized + 'static {
    /// The game that it plays.
    type Game: Game;
    /// The view of a full bot's session, which draws nothing: it predicts which items the bot takes.
    /// [`NoView`](client_web::engine::view::NoView) does in a game whose own view predicts none.
    type View: View<Game = Self::Game>;

    /// The brain of bot `number`, from 0, in a run with this seed. A brain without roles plays each scenario alike.
    fn new(seed: u64, number: u32, role: Role) -> Self;

    /// What the bot wants. It is called about once a tick, from the first frame on.
    fn think(&mut self, sight: &Sight<'_, Self>) -> InputOf<Self>;

    /// Whether the bot is where [`Role::Centre`] wants it. A crowd is measured once most of its bots are; without this method
    /// it is measured at once.
    fn has_gathered(&self) -> bool {
        true
    }
}

/// What a bot sees in one tick. Nothing is computed before a brain asks for it.
pub struct Sight<'a, B: Brain> {
    /// The own state in the last frame.
    pub own: &'a Own<B>,
    /// The tick of the last frame.
    pub tick: Tick,
    /// Width and height in units: the arena reaches from (0, 0) to here.
    pub arena_size: Vec2,
    /// False in a peaceful run, and until a crowd has gathered: the bot moves about, and harms no other.
    pub may_fight: bool,
    session: Option<&'a Session<B::View>>,
}

impl<'a, B: Brain> Sight<'a, B> {
    /// Of a bot that sees only itself.
    pub fn of_lite(own: &'a Own<B>, tick: Tick, arena_size: Vec2, may_fight: bool) -> Self {
        Self { own, tick, arena_size, may_fight, session: None }
    }

    /// Of a full bot; `None` before its first frame.
    pub(super) fn of_full(session: &'a Session<B::View>, may_fight: bool) -> Option<Self> {
        let arena_size = B::Game::arena_of(session.map()?).size();
        let (own, tick) = (session.own()?, session.tick()?);
        Some(Self { own, tick, arena_size, may_fight, session: Some(session) })
    }

    /// The own body, as a full bot predicts it; `None` while there is none.
    pub fn avatar(&self) -> Option<Avatar<B>> {
        match self.session {
            Some(session) => session.avatar().cloned(),
            None => B::Game::avatar(self.own),
        }
    }

    /// Where it is.
    pub fn position(&self) -> Option<Vec2> {
        self.avatar().map(|avatar| B::Game::motion(&avatar).position)
    }

    /// Map and rules; `None` for a lite bot.
    pub fn map(&self) -> Option<&'a Map<B>> {
        self.session?.map()
    }

    /// The other bodies in view: none for a lite bot.
    pub fn bodies(&self) -> impl Iterator<Item = VisibleBody<Look<B>>> + use<'a, B> {
        self.session.into_iter().flat_map(Session::bodies)
    }

    /// Items around a place, and where they lie: at least those in view within `reach`. None for a lite bot.
    pub fn items_near(&self, centre: Vec2, reach: f32) -> impl Iterator<Item = (Vec2, Item<B>)> + use<'a, B> {
        self.session.into_iter().flat_map(move |session| session.items_near(centre, reach))
    }
}
