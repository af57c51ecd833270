//! The page: joins the shell, the connection and Emberdrift's parts, and hands events, frames and clicks to them.

mod frame;
mod status;

use std::{cell::RefCell, rc::Rc};

use shared::{
    engine::{game_trait::Game as _, input::PlayerInput},
    game::{Emberdrift, terrain::Terrain},
};
use wasm_bindgen::prelude::*;
use web_sys::{Event, HtmlCanvasElement};

use self::status::{Status, report};
use crate::{
    engine::{
        page::{
            connection_state::ConnectionNotice, handshake_fault::HandshakeFault, lag_figures,
            settings::Settings,
        },
        session_stats::Trace,
    },
    game::{page::cards, scene::Scene, view_model::ViewModel},
    web::{
        emberdrift::{
            input::Input,
            language::{self, page_strings, show_error},
            render::graphics::Graphics,
            sound::Sound,
            ui::{
                Ui,
                cards::{
                    settings::{self, SettingsDialog},
                    start::StartCard,
                },
            },
        },
        shell::{
            app_loop::{every, every_frame, now_ms, on_context_change, on_page_gone},
            connection::{self, Appearance},
            dom::{
                Listener, Result, SCENE_ID, document, element, prefers_reduced_motion, press_confirm_button,
                storage,
            },
            messages::on_way_back,
            reload,
            socket::SocketEvent,
            status::set,
            visitor,
        },
    },
};

/// Between two looks at the connection, also while the page is hidden.
const POLL_MS: i32 = 250;

type Connection = connection::Connection<ViewModel>;

/// The arena, once the server has sent it.
fn terrain(connection: &Connection) -> Option<&Terrain> {
    connection.session().terrain()
}

struct App {
    connection: Option<Connection>,
    scene: Scene,
    /// `scene` is, or was, that of a real arena.
    has_arena: bool,
    input: Input,
    /// What the player wanted at the last frame.
    wanted: PlayerInput,
    graphics: Graphics,
    sound: Sound,
    ui: Ui,
    /// Only if the page's address asks for it.
    trace: Option<Trace>,
    last_frame_ms: Option<f64>,
    _listeners: Vec<Listener>,
}

type SharedApp = Rc<RefCell<App>>;

/// Starts the game on the page that loaded this module. An error is shown on the page.
#[wasm_bindgen(start)]
pub(crate) fn start() {
    // There is no page when node loads the client, for `cargo xtask determinism`.
    if web_sys::window().is_none() {
        return;
    }
    if let Err(error) = run() {
        show_error(&error);
    }
}

/// Sets the page up and lets it run for as long as it is open.
fn run() -> Result<()> {
    language::start(settings::stored().language)?;
    let canvas: HtmlCanvasElement = element(SCENE_ID)?;
    let app = Rc::new(RefCell::new(App {
        connection: None,
        scene: Scene::default(),
        has_arena: false,
        input: Input::new(&canvas)?,
        wanted: PlayerInput::default(),
        graphics: Graphics::new(&canvas, prefers_reduced_motion())?,
        sound: Sound::new()?,
        ui: Ui::new()?,
        trace: storage::from_address("trace")?.map(|_| Trace::default()),
        last_frame_ms: None,
        _listeners: Vec::new(),
    }));

    let (losing, restoring) = (Rc::clone(&app), Rc::clone(&app));
    let context = on_context_change(
        &canvas,
        move || {
            with(&losing, |app| {
                app.graphics.lose();
                Ok(())
            });
        },
        move || with(&restoring, App::restore_graphics),
    )?;
    let looking = Rc::clone(&app);
    let visibility = Listener::new(document()?.as_ref(), "visibilitychange", move |_: Event| {
        with(&looking, App::poll);
    })?;
    let going = Rc::clone(&app);
    let gone = on_page_gone(move |is_gone| with(&going, |app| app.set_gone(is_gone)))?;
    app.borrow_mut()._listeners.extend(context.into_iter().chain(gone).chain([visibility]));

    let changing = Rc::clone(&app);
    app.borrow_mut().ui.listen_to_arenas(Connection::kept_arena(), move || {
        with(&changing, |app| app.change_arena(&changing));
    })?;
    with(&app, |it| it.connect(&app, None));
    let (choosing, leaving, returning) = (Rc::clone(&app), Rc::clone(&app), Rc::clone(&app));
    let dialog = SettingsDialog::new(
        Rc::new(move |settings| with(&choosing, |app| app.apply(settings))),
        move || with(&leaving, |app| app.leave(&leaving)),
    )?;
    let way_back = on_way_back(move || with(&returning, |app| app.leave(&returning)))?;
    app.borrow_mut()._listeners.push(way_back);
    app.borrow_mut().apply(&dialog.get())?;
    app.borrow_mut().ui.settings = Some(dialog);
    with(&app, |it| it.show_start_card(&app));
    if reload::take_goes_on(Emberdrift::NAME) {
        press_confirm_button()?;
    }

    let (polled, drawn) = (Rc::clone(&app), app);
    every(POLL_MS, move || with(&polled, App::poll))?;
    every_frame(move || with(&drawn, App::frame), show_error)
}

/// Calls `act` with the app, and shows its error on the page.
fn with(app: &SharedApp, act: impl FnOnce(&mut App) -> Result<()>) {
    // It is borrowed only if the browser calls back from within a call, which will look at everything anyway.
    if let Ok(mut app) = app.try_borrow_mut()
        && let Err(error) = act(&mut app)
    {
        show_error(&error);
    }
}

impl App {
    fn apply(&mut self, settings: &Settings) -> Result<()> {
        self.graphics.apply(settings.quality, settings.motion.is_reduced(prefers_reduced_motion()));
        self.sound.set_volume(f32::from(settings.volume) / 100.0, settings.muted);
        self.poll()
    }

    fn restore_graphics(&mut self) -> Result<()> {
        self.graphics.restore(self.connection.as_ref().and_then(terrain))
    }

    fn show_start_card(&mut self, app: &SharedApp) -> Result<()> {
        let joining = Rc::clone(app);
        self.ui.start = Some(StartCard::show(Rc::new(move |name, colour| {
            with(&joining, |app| app.play(&joining, Appearance { name, colour: Some(colour) }));
        }))?);
        Ok(())
    }

    fn play(&mut self, app: &SharedApp, player: Appearance) -> Result<()> {
        if let Some(card) = self.ui.start.take() {
            card.hide();
        }
        self.connect(app, Some(player))
    }

    /// Back to the start card: to another arena, in another colour, or away.
    fn leave(&mut self, app: &SharedApp) -> Result<()> {
        if let Some(connection) = self.connection.take() {
            connection.leave();
        }
        self.show_start_card(app)?;
        self.connect(app, None)
    }

    fn connect(&mut self, app: &SharedApp, player: Option<Appearance>) -> Result<()> {
        let listening = Rc::clone(app);
        let on_event = Rc::new(move |event| with(&listening, |app| app.handle(event)));
        self.connection = Some(Connection::new(player, self.ui.arena(), on_event, now_ms()?)?);
        self.poll()
    }

    /// The visitor chose another arena, or the one it wanted does not exist. A player in a game stays where it is.
    fn change_arena(&mut self, app: &SharedApp) -> Result<()> {
        match &self.connection {
            Some(connection) if !connection.is_playing() => {
                let player = connection.player().cloned();
                self.connect(app, player)
            }
            _ => Ok(()),
        }
    }

    fn handle(&mut self, event: SocketEvent) -> Result<()> {
        let now_ms = now_ms()?;
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let has_begun = connection.handle(event, now_ms)?;
        if has_begun && let Some(terrain) = terrain(connection) {
            // These are ships of the scene before the game. Until the first frame is drawn, the page would report one of them as the own
            // ship.
            self.scene.ships.clear();
            if !connection.is_watching() {
                self.ui.hud.enter(terrain, connection.name());
            }
            self.has_arena = true;
            self.graphics.enter(terrain);
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
        self.sound.set_silenced(visitor::is_silenced()?);
        if let Some(connection) = &mut self.connection {
            connection.set_hidden(is_hidden, now_ms);
            connection.poll(now_ms)?;
            connection.set_nodes(self.ui.nodes().iter().map(String::as_str));
            let (notice, reason) = connection.notice(now_ms);
            self.ui.room.set_node(connection.node());
            self.ui.room.show_gone(matches!(notice, ConnectionNotice::Refused(HandshakeFault::Gone, _)));
            self.ui.banner.show(notice, reason, page_strings());
            self.ui.banner.offer_way_back(connection.offers_way_back(now_ms));
            connection.wear_badge(visitor::wanted_badge()?);
            if let Some(unlocked) = connection.take_unlocked() {
                visitor::announce(&unlocked)?;
            }
            if let Some(key) = connection.take_room_key() {
                self.ui.room.receive_key(&key)?;
            }
            // In a public arena there may be thousands.
            if self.ui.room.is_shown() {
                self.ui.room.show_players(connection.others())?;
            }
            if let (Some(card), Some(terrain)) = (&self.ui.start, terrain(connection)) {
                card.describe_arena(terrain.arena(), self.scene.hud.players);
            }
            if !connection.is_playing() && !is_hidden {
                self.ui.poll_arenas(now_ms)?;
            }
        }
        let phase = self.phase();
        self.ui.show_phase(phase);
        self.report(phase)
    }

    /// Whether frames are due and do not come.
    fn is_silent(&self, now_ms: f64) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.is_silent(now_ms))
    }

    fn phase(&self) -> &'static str {
        let connection = self.connection.as_ref().filter(|connection| !connection.is_watching());
        cards::phase(connection.map(|connection| connection.state().phase()), &self.scene.hud.life)
    }

    /// Refreshes the lag readout and `window.emberdrift`.
    fn report(&mut self, phase: &'static str) -> Result<()> {
        let status = Status {
            phase,
            quality: self.graphics.quality(),
            fps: self.graphics.fps(),
            drawn: self.graphics.drawn(),
            work_ms: self.graphics.work_ms(),
            cost: self.graphics.cost(),
            sound: self.sound.state(),
            volume: self.sound.volume(),
        };
        let connection = self.connection.as_ref();
        let figures = connection.map(|it| (it.stats(), it.checksum_mismatches()));
        let lag = connection.filter(|it| it.is_in_game()).and_then(|it| it.session().lag());
        let figures = lag_figures::figures(status.fps, figures, page_strings());
        self.ui.lag.show(lag, self.is_silent(now_ms()?), &figures, page_strings())?;
        if let Some(trace) = &self.trace {
            let numbers = js_sys::Float64Array::from(&trace.numbers()[..]);
            set("emberdriftTrace", &numbers)?;
        }
        report(&status, &self.scene, connection)
    }
}
