//! A whole page for a game that only says what it draws and what its input is: see [`Page`]. Its elements are those of
//! `assets/engine/index.html`.
//!
//! For browser tests and for the curious `window.game` has what `shell/status.rs` lists for any game, and `phase` (`start`, `connecting`, `playing`,
//! `reconnecting` or `ended`), `name` (the player's), `position` (of the own body in world units, or null), `bodies` (others in view),
//! `status` (the line at the top) and `fps`.

mod canvas;
mod frame;
mod hud;
mod input;

use std::{cell::RefCell, rc::Rc};

use shared::{
    Vec2,
    engine::game_trait::{Arena as _, Game},
};
use wasm_bindgen::JsValue;
use web_sys::{Event, HtmlCanvasElement};

use self::{canvas::Canvas, hud::Hud, input::Input};
use super::{
    app_loop::{every, every_frame, now_ms, on_page_gone},
    chat::ChatPanel,
    connection::{Appearance, Connection},
    dom::{Listener, Result, SCENE_ID, document, element, press_confirm_button, storage},
    lag_readout::LagReadout,
    messages::{Banner, details_of, on_way_back, show_error_card},
    reload,
    socket::SocketEvent,
    status::{of_connection, pair, publish},
};
use crate::engine::page::{
    camera::Camera, game_page::Page, lag_figures, picture::Picture, player_name::player_name,
    quality::QualityControl, storage::game_key, strings::ENGLISH,
};

/// Between two looks at the connection, also while the page is hidden.
const POLL_MS: i32 = 250;
/// The error that stops the game.
const TROUBLE: &str =
    "Something went wrong. Please reload the page. If it happens again, please report this:";

/// Starts the page that loaded this module, for as long as it is open. An error is shown on the page.
pub fn start<P: Page>() {
    // There is no page when another program than a browser loads the module.
    if web_sys::window().is_some()
        && let Err(error) = run::<P>()
    {
        show_error(&error);
    }
}

/// Shows an error over everything: the game cannot go on.
fn show_error(error: &JsValue) {
    web_sys::console::error_1(error);
    show_error_card(TROUBLE, &details_of(error));
}

struct App<P: Page> {
    connection: Option<Connection<P>>,
    /// The slug of the arena that the page's address names; `None` for the server's default.
    arena: Option<String>,
    /// Size of the arena, and half of what is in view of it; of the last one while there is none.
    sizes: Option<(Vec2, Vec2)>,
    picture: Picture,
    /// What is below it.
    floor: Picture,
    camera: Camera,
    canvas: Canvas,
    quality: QualityControl,
    input: Input,
    /// What the player wanted at the last frame.
    wanted: <P::Game as Game>::Input,
    hud: Hud,
    chat: ChatPanel,
    lag: LagReadout,
    banner: Banner,
    last_frame_ms: Option<f64>,
    _listeners: Vec<Listener>,
}

type SharedApp<P> = Rc<RefCell<App<P>>>;

/// Sets the page up and lets it run.
fn run<P: Page>() -> Result<()> {
    let canvas: HtmlCanvasElement = element(SCENE_ID)?;
    let name = player_name(&storage::load(&game_key(P::Game::NAME, "name")).unwrap_or_default());
    let app = Rc::new(RefCell::new(App::<P> {
        connection: None,
        arena: storage::from_address("arena")?,
        sizes: None,
        picture: Picture::default(),
        floor: Picture::default(),
        camera: Camera::default(),
        input: Input::new(&canvas)?,
        canvas: Canvas::new(canvas)?,
        quality: QualityControl::default(),
        wanted: Default::default(),
        hud: Hud::new(P::TITLE, P::HINT, &name)?,
        chat: ChatPanel::new()?,
        lag: LagReadout::new()?,
        banner: Banner::new()?,
        last_frame_ms: None,
        _listeners: Vec::new(),
    }));

    let (looking, playing, returning) = (Rc::clone(&app), Rc::clone(&app), Rc::clone(&app));
    let going = Rc::clone(&app);
    let [gone, back] = on_page_gone(move |is_gone| with(&going, |app| app.set_gone(is_gone)))?;
    let listeners = [
        Listener::new(document()?.as_ref(), "visibilitychange", move |_: Event| with(&looking, App::poll))?,
        hud::on_play(move |name| with(&playing, |app| app.play(&playing, name)))?,
        gone,
        back,
        on_way_back(move || with(&returning, |app| app.leave(&returning)))?,
    ];
    app.borrow_mut()._listeners.extend(listeners);
    with(&app, |it| it.connect(&app, None));
    if reload::take_goes_on(P::Game::NAME) {
        press_confirm_button()?;
    }

    let (polled, drawn) = (Rc::clone(&app), app);
    every(POLL_MS, move || with(&polled, App::poll))?;
    every_frame(move || with(&drawn, App::frame), show_error)
}

/// Calls `act` with the app, and shows its error on the page.
fn with<P: Page>(app: &SharedApp<P>, act: impl FnOnce(&mut App<P>) -> Result<()>) {
    // It is borrowed only if the browser calls back from within a call, which will look at everything anyway.
    if let Ok(mut app) = app.try_borrow_mut()
        && let Err(error) = act(&mut app)
    {
        show_error(&error);
    }
}

impl<P: Page> App<P> {
    fn play(&mut self, app: &SharedApp<P>, name: String) -> Result<()> {
        storage::save(&game_key(P::Game::NAME, "name"), &name);
        self.connect(app, Some(Appearance { name, colour: None }))
    }

    /// Back to the start card.
    fn leave(&mut self, app: &SharedApp<P>) -> Result<()> {
        if let Some(connection) = self.connection.take() {
            connection.leave();
        }
        self.connect(app, None)
    }

    /// Connects as this player, or to watch.
    fn connect(&mut self, app: &SharedApp<P>, player: Option<Appearance>) -> Result<()> {
        let listening = Rc::clone(app);
        let on_event = Rc::new(move |event| with(&listening, |app| app.handle(event)));
        self.connection = Some(Connection::new(player, (self.arena.clone(), None), on_event, now_ms()?)?);
        self.poll()
    }

    fn handle(&mut self, event: SocketEvent) -> Result<()> {
        let now_ms = now_ms()?;
        let Some(connection) = &mut self.connection else { return Ok(()) };
        if connection.handle(event, now_ms)? {
            let arena = connection.session().welcome().map(|welcome| &welcome.arena);
            self.sizes = arena.map(|arena| (arena.size(), arena.view()));
        }
        // Between slow frames too, the server gets an input for each tick.
        connection.advance(now_ms, self.wanted);
        Ok(())
    }

    fn set_gone(&mut self, is_gone: bool) -> Result<()> {
        let now_ms = now_ms()?;
        self.connection.as_mut().map_or(Ok(()), |connection| connection.set_gone(is_gone, now_ms))
    }

    /// What is looked after a few times a second, whether frames are drawn or not.
    fn poll(&mut self) -> Result<()> {
        let now_ms = now_ms()?;
        let is_hidden = document()?.hidden();
        if let Some(connection) = &mut self.connection {
            connection.set_hidden(is_hidden, now_ms);
            connection.poll(now_ms)?;
            let (notice, reason) = connection.notice(now_ms);
            self.banner.show(notice, reason, &ENGLISH);
            self.banner.offer_way_back(connection.offers_way_back(now_ms));
        }
        self.show_figures()?;
        let phase = self.phase();
        self.hud.show_phase(phase);
        self.publish(phase)
    }

    /// `start`, `connecting`, `playing`, `reconnecting` or `ended`.
    fn phase(&self) -> &'static str {
        let connection = self.connection.as_ref().filter(|connection| !connection.is_watching());
        connection.map_or("start", |connection| connection.state().phase())
    }

    /// Refreshes the leaderboard and the lag readout.
    fn show_figures(&mut self) -> Result<()> {
        let connection = self.connection.as_ref();
        let in_game = connection.filter(|connection| connection.is_in_game());
        if let Some(session) = in_game.map(Connection::session) {
            self.hud.show_leaderboard::<P>(session)?;
        }
        let figures = connection.map(|it| (it.stats(), it.checksum_mismatches()));
        let figures = lag_figures::figures(self.quality.fps(), figures, &ENGLISH);
        let is_silent = self.is_silent(now_ms()?);
        let lag = in_game.and_then(|it| it.session().lag());
        self.lag.show(lag, is_silent, &figures, &ENGLISH)
    }

    /// Whether frames are due and do not come.
    fn is_silent(&self, now_ms: f64) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.is_silent(now_ms))
    }

    /// Refreshes `window.game`.
    fn publish(&self, phase: &'static str) -> Result<()> {
        let connection = self.connection.as_ref();
        let session = connection.map(Connection::session);
        let position = session.and_then(|session| session.own_position());
        let entries = [
            ("phase", phase.into()),
            ("name", connection.map_or("", Connection::name).into()),
            ("position", position.map_or(JsValue::NULL, pair)),
            ("bodies", session.map_or(0, |session| session.bodies().count()).into()),
            ("status", self.picture.status_line().into()),
            ("fps", self.quality.fps().into()),
        ];
        publish("game", entries.into_iter().chain(of_connection(connection)))
    }
}
