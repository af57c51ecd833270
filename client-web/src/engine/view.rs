//! The client's half of a game: what its player sees of all that a session knows. A [`Session`](super::session::Session) owns its
//! view and calls it; a view decides nothing and sends nothing.

use core::{fmt::Debug, marker::PhantomData};

use shared::engine::{
    body::Motion,
    game_trait::Game,
    ids::{CellIndex, PlayerId, Tick},
    items::PlacedItem,
    protocol::{CellChange, CellState, ViewerState},
    roster::{Leaderboard, PartyMember},
};

use super::{
    interpolation::{Interpolator, Pose},
    replica::Replica,
    roster::Roster,
};

/// An item that the own body has taken by prediction and not yet by the server's word, and its cell.
pub type TakenItem<G> = (CellIndex, PlacedItem<<G as Game>::Item>);

/// The client's half of a game. Only [`View::new`] and [`View::draw`] must be written.
pub trait View: Debug + Sized + 'static {
    /// The game.
    type Game: Game;
    /// What there is to draw at one moment. It is refilled for each frame on the screen, so that its lists are not
    /// allocated again.
    type Scene: Default;

    /// For this player, [`PlayerId::NONE`] for a spectator, in an arena at this many ticks per second.
    fn new(me: PlayerId, map: &<Self::Game as Game>::Map, tick_rate: u16) -> Self;

    /// Takes the items that the avatar reaches after a step, before the server says so: changes the avatar and adds each to `taken`
    /// unless it is in there already. An item that another player was nearer to is given back with the next frame. By default items are
    /// taken only when the server says so.
    fn take_items(
        _avatar: &mut <Self::Game as Game>::Avatar,
        _map: &<Self::Game as Game>::Map,
        _replica: &Replica<Self::Game>,
        _taken: &mut Vec<TakenItem<Self::Game>>,
    ) {
    }

    /// An own tick was predicted, for the first time.
    fn on_step(&mut self, _step: OwnStep<'_, Self::Game>) {}

    /// A frame changes a cell. It is called before the change is applied to `cell`, so that what goes can still be looked up.
    fn on_change(
        &mut self,
        _index: CellIndex,
        _change: &CellChange<'_, Self::Game>,
        _cell: &CellState<Self::Game>,
        _moment: &Moment<'_, Self::Game>,
    ) {
    }

    /// The server sent a notice of the game.
    fn on_notice(&mut self, _notice: &<Self::Game as Game>::Notice, _roster: &Roster) {}

    /// The leaderboard, or a name that may be on it, has changed.
    fn on_leaderboard(&mut self, _leaderboard: &Leaderboard, _roster: &Roster) {}

    /// A frame was applied, with this own state. `server_ms` is the server time of its tick.
    fn on_frame(&mut self, _tick: Tick, _server_ms: f64, _viewer: &ViewerState<Self::Game>) {}

    /// Fills `out` with what there is to draw now. `replica` has the cells as they were in the last frame.
    fn draw(&mut self, moment: &Moment<'_, Self::Game>, replica: &Replica<Self::Game>, out: &mut Self::Scene);
}

/// An own tick, predicted.
#[derive(Debug)]
pub struct OwnStep<'a, G: Game> {
    /// The tick.
    pub tick: Tick,
    /// What the player wanted.
    pub input: G::Input,
    /// What the avatar did.
    pub outcome: G::Outcome,
    /// The avatar after it.
    pub avatar: &'a G::Avatar,
    /// Items that it has taken in this tick.
    pub taken: &'a [TakenItem<G>],
    /// How far behind the own body others are shown, in parts of a tick:
    /// [`REWIND_PARTS`](shared::engine::limits::REWIND_PARTS).
    pub rewind: u16,
    /// The server's time, in milliseconds, without what a frame takes to arrive.
    pub present_ms: f64,
    /// The map.
    pub map: &'a G::Map,
}

/// What is known while a frame is applied, or when a scene is drawn. Server times are milliseconds since tick 0.
#[derive(Debug)]
pub struct Moment<'a, G: Game> {
    /// This player; [`PlayerId::NONE`] for a spectator.
    pub me: PlayerId,
    /// The map.
    pub map: &'a G::Map,
    /// Names, colours and kinds.
    pub roster: &'a Roster,
    /// The leaderboard; empty before the first.
    pub leaderboard: &'a Leaderboard,
    /// The others of the own party, as of the last second.
    pub party: &'a [PartyMember],
    /// All bodies as the last frames described them; see [`Self::others`].
    pub bodies: &'a Interpolator<G::Look>,
    /// Items that the own body has taken by prediction: they lie in their cells still, and are not drawn there.
    pub taken: &'a [TakenItem<G>],
    /// The own state in the last frame; `None` before the first.
    pub viewer: Option<&'a ViewerState<G>>,
    /// The own avatar after the last own tick, while it has a body.
    pub avatar: Option<&'a G::Avatar>,
    /// Where it is shown, and its velocity.
    pub own: Option<Motion>,
    /// What the player wants.
    pub input: G::Input,
    /// The local time, in the caller's milliseconds.
    pub now_ms: f64,
    /// The server time of the last frame.
    pub server_ms: f64,
    /// The server time now, without what a frame takes to arrive. The own body is shown as it is then, or a little later.
    pub present_ms: f64,
    /// The server time at which other bodies are shown.
    pub render_ms: f64,
}

impl<G: Game> Moment<'_, G> {
    /// Other players' bodies in view as they are shown now, in rising order of id.
    pub fn others(&self) -> impl Iterator<Item = (PlayerId, Pose<G::Look>)> {
        let me = self.me;
        self.bodies.poses_at(self.render_ms).filter(move |(id, _)| *id != me)
    }

    /// What the game says of this player; `None` before the first frame, and for a spectator.
    pub fn own_state(&self) -> Option<&G::Own> {
        self.viewer?.own()
    }
}

/// A view that shows nothing, for sessions without a screen.
#[derive(Debug)]
pub struct NoView<G>(PhantomData<G>);

impl<G: Game> View for NoView<G> {
    type Game = G;
    type Scene = ();

    fn new(_: PlayerId, _: &G::Map, _: u16) -> Self {
        Self(PhantomData)
    }

    fn draw(&mut self, _: &Moment<'_, G>, _: &Replica<G>, _: &mut ()) {}
}
