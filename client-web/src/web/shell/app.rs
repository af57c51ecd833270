//! The page's main loop: pictures, messages and clicks go through here to the parts that deal with them. It must
//! not know how any of them does it.

mod beats;

use std::{cell::RefCell, rc::Rc};

use shared::{Vec2, engine::input::PlayerInput};
use wasm_bindgen::JsValue;
use web_sys::{Event, HtmlCanvasElement};

use super::{
    arenas::ArenasView,
    banner::Banner,
    canvas::View,
    chat::ChatView,
    dom::{self, Listener, Result, Shown, document, element, window},
    input::Input,
    lag::LagView,
    language::strings,
    settings::{self, SettingsView},
    socket::SocketEvent,
    start_card::StartCard,
    status::{self, Status},
    trace::Trace,
};
use crate::web::{
    emberdrift::{
        render::{
            attract,
            effects::Effects,
            renderer::{Cost, Renderer},
        },
        sound::Sound,
        ui::hud::HudView,
    },
    shell::connection::{Connection, Intent},
};
use crate::{
    engine::{
        lag::LagPart,
        page::{
            quality::{FrameTimer, QualityControl},
            settings::Settings,
        },
    },
    game::scene::{Life, Scene},
};

/// Everything on the page.
struct App {
    renderer: Option<Renderer>,
    input: Input,
    effects: Effects,
    sound: Sound,
    hud: HudView,
    chat: ChatView,
    lag: LagView,
    banner: Banner,
    settings: Option<SettingsView>,
    card: Option<StartCard>,
    arenas: Option<ArenasView>,
    phase: Shown<&'static str>,
    connection: Option<Connection>,
    scene: Scene,
    view: View,
    /// There was a moment of a real arena to show.
    has_seen: bool,
    quality: QualityControl,
    frame_timer: FrameTimer,
    cost: Cost,
    trace: Trace,
    last_picture_ms: Option<f64>,
    /// What the pilot wanted at the last picture.
    wanted: PlayerInput,
    _listeners: Vec<Listener>,
}

type Shared = Rc<RefCell<App>>;

/// Sets the page up and lets it run for as long as it is open.
pub(in crate::web) fn start() -> Result<()> {
    let canvas: HtmlCanvasElement = element("scene")?;
    let body = document()?.body().ok_or("no body")?;
    let app = Rc::new(RefCell::new(App {
        renderer: Some(Renderer::new(canvas.clone())?),
        input: Input::new(&canvas)?,
        effects: Effects::new(dom::reduced_motion()),
        sound: Sound::new()?,
        hud: HudView::new()?,
        chat: ChatView::new()?,
        lag: LagView::new()?,
        banner: Banner::new()?,
        settings: None,
        card: None,
        arenas: None,
        phase: Shown::new(body),
        connection: None,
        scene: Scene::default(),
        view: View::default(),
        has_seen: false,
        quality: QualityControl::default(),
        frame_timer: FrameTimer::default(),
        cost: Cost::default(),
        trace: Trace::new()?,
        last_picture_ms: None,
        wanted: PlayerInput::default(),
        _listeners: Vec::new(),
    }));
    beats::keep_context(&app, &canvas)?;
    let looking = Rc::clone(&app);
    let visibility = Listener::new(document()?.as_ref(), "visibilitychange", move |_: Event| {
        with(&looking, App::pulse);
    })?;
    app.borrow_mut()._listeners.push(visibility);
    let (visitor, mover) = (Rc::clone(&app), Rc::clone(&app));
    let arenas = ArenasView::new(Rc::new(move || with(&mover, |app| app.move_on(&mover))))?;
    app.borrow_mut().arenas = Some(arenas);
    with(&app, |app| app.connect(&visitor, None));
    let choosing = Rc::clone(&app);
    let leaver = Rc::clone(&app);
    let chosen =
        SettingsView::new(Rc::new(move |settings| with(&choosing, |app| app.choose(settings))), move || {
            with(&leaver, |app| app.leave(&leaver));
        })?;
    app.borrow_mut().choose(&chosen.get())?;
    app.borrow_mut().settings = Some(chosen);
    with(&app, |it| it.show_card(&app));
    beats::pulse(&app)?;
    beats::draw_forever(app)
}

/// Runs `act` on the app and tells the page what went wrong in it.
fn with(app: &Shared, act: impl FnOnce(&mut App) -> Result<()>) {
    // Busy only if the browser calls back from within a call; then the outer one is about to look again anyway.
    if let Ok(mut app) = app.try_borrow_mut()
        && let Err(error) = act(&mut app)
    {
        dom::tell_trouble(&error);
    }
}

/// How far what is watched is from the middle of the picture, where the card is: to its right, or on a narrow screen above.
fn beside_card(view: &View) -> Vec2 {
    let half = view.half;
    if half.x > half.y * 1.2 { Vec2::new(half.x * 0.66, half.y * 0.1) } else { Vec2::new(0.0, half.y * 0.62) }
}

fn now_ms() -> Result<f64> {
    let performance = window()?.performance().ok_or_else(|| JsValue::from_str("no clock"))?;
    Ok(performance.now())
}

impl App {
    /// The visitor chose anew.
    fn choose(&mut self, settings: &Settings) -> Result<()> {
        self.effects.set_calm(settings::reduced_motion(settings));
        self.sound.set_volume(f32::from(settings.volume) / 100.0, settings.muted);
        self.quality.choose(settings.quality);
        self.pulse()
    }

    fn show_card(&mut self, app: &Shared) -> Result<()> {
        let player = Rc::clone(app);
        self.card = Some(StartCard::show(Rc::new(move |name, colour| {
            with(&player, |app| app.play(&player, Intent { name, colour: Some(colour) }));
        }))?);
        Ok(())
    }

    /// Back to the card: to another arena, in another colour, or away.
    fn leave(&mut self, app: &Shared) -> Result<()> {
        if let Some(connection) = self.connection.take() {
            connection.leave();
        }
        self.show_card(app)?;
        self.connect(app, None)
    }

    fn play(&mut self, app: &Shared, wish: Intent) -> Result<()> {
        if let Some(card) = self.card.take() {
            card.hide();
        }
        self.connect(app, Some(wish))
    }

    fn connect(&mut self, app: &Shared, pilot: Option<Intent>) -> Result<()> {
        let listening = Rc::clone(app);
        let tell = move |event| with(&listening, |app| app.hear(event));
        let arena = self.arenas.as_ref().and_then(ArenasView::slug);
        self.connection = Some(Connection::new(pilot, arena, Rc::new(tell), now_ms()?)?);
        self.pulse()
    }

    /// It is another arena to go to: the visitor chose, or the one it wanted is not there. Who flies stays.
    fn move_on(&mut self, app: &Shared) -> Result<()> {
        match &self.connection {
            Some(connection) if connection.watches() || !connection.in_game() => {
                let pilot = connection.pilot().cloned();
                self.connect(app, pilot)
            }
            _ => Ok(()),
        }
    }

    fn hear(&mut self, event: SocketEvent) -> Result<()> {
        let now_ms = now_ms()?;
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let entered = connection.hear(event, now_ms)?;
        if entered && let Some(terrain) = connection.terrain() {
            if !connection.watches() {
                self.hud.enter(terrain, connection.name());
            }
            self.has_seen = true;
            self.effects.clear();
            if let Some(renderer) = &mut self.renderer {
                renderer.enter(Some(terrain));
            }
        }
        // Between slow pictures the ship answers all the same.
        connection.advance(now_ms, self.wanted);
        Ok(())
    }

    /// A few times a second, drawn or not.
    fn pulse(&mut self) -> Result<()> {
        let now_ms = now_ms()?;
        if let Some(connection) = &mut self.connection {
            connection.set_hidden(document()?.hidden(), now_ms);
            connection.pulse(now_ms)?;
            self.banner.say(connection.notice(now_ms));
            // Whoever looks on from behind the card knows what there is to join.
            if let (Some(card), Some(terrain)) = (&self.card, connection.terrain()) {
                card.tell_arena(&terrain.arena().name, self.scene.hud.players);
            }
            if let Some(arenas) = &mut self.arenas
                && (connection.watches() || !connection.in_game())
                && !document()?.hidden()
            {
                arenas.ask(now_ms)?;
            }
        }
        let phase = self.phase_name();
        self.phase.show(phase, |body, phase| {
            // Only the pointer's shape depends on it.
            let _ = body.set_attribute("data-phase", phase);
        });
        self.tell_status(phase)
    }

    fn picture(&mut self) -> Result<()> {
        let now_ms = now_ms()?;
        let passed_ms = now_ms - self.last_picture_ms.replace(now_ms).unwrap_or(now_ms);
        self.quality.on_frame(passed_ms);
        let seconds = (passed_ms / 1000.0).clamp(0.0, 0.1) as f32;
        if self.input.take_lag_toggle() {
            self.lag.toggle();
        }

        let is_live = self.connection.as_ref().is_some_and(Connection::in_game);
        let playing = is_live && !self.connection.as_ref().is_some_and(Connection::watches);
        if self.input.look(playing)? {
            dom::agree()?;
        }
        let shown = self.connection.as_ref().is_some_and(Connection::was_flown);
        self.hud.set_visible(shown);
        self.talk(playing, now_ms)?;
        if let Some(connection) = &mut self.connection
            && is_live
        {
            let ship = self.scene.ships.iter().find(|ship| ship.own);
            let place = ship.map_or(self.scene.camera, |ship| ship.position);
            let waits = matches!(self.scene.hud.life, Life::Dead { .. });
            let place = self.view.to_page(place);
            self.wanted = self.input.sample(place, waits, self.hud.wants_ship(), now_ms);
            connection.advance(now_ms, self.wanted);
            connection.scene(now_ms, &mut self.scene);
            if playing {
                self.trace.note(now_ms, &self.scene);
                self.hud.update(&self.scene, now_ms)?;
            }
        } else if self.has_seen {
            // The last moment stands still until the connection is back.
            self.scene.events.clear();
            self.scene.ships.iter_mut().for_each(|ship| ship.velocity = Vec2::ZERO);
        } else {
            attract::fill(&mut self.scene, (now_ms / 1000.0) as f32);
        }
        if let Some(connection) = &mut self.connection {
            // From the scene, drawn now, until the next picture takes its place. After a pause nobody waited for it.
            if passed_ms < 1000.0 {
                connection.rendered(passed_ms);
            }
        }
        let mut waited_ms = 0.0;
        self.effects.set_quality(self.quality.quality());
        self.effects.advance(&self.scene, seconds);
        if playing {
            self.sound.advance(&self.scene, self.view.half, now_ms);
        } else {
            self.sound.rest();
        }
        if let Some(renderer) = &mut self.renderer {
            let camera: Vec2 = self.scene.camera;
            renderer.set_quality(self.quality.quality());
            // A canvas that changes its size waits for the graphics card, which is not the client's work.
            let before_ms = self::now_ms()?;
            self.view = renderer.view(camera)?;
            waited_ms = self::now_ms()? - before_ms;
            let mut shown = self.view;
            shown.camera += self.effects.shaken();
            if !playing && self.has_seen && !self.connection.as_ref().is_some_and(Connection::was_flown) {
                shown.camera -= beside_card(&self.view);
            }
            // Twinkling and glimmering repeat within the hour; a small number keeps its fractions.
            let clock = (now_ms / 1000.0 % 3600.0) as f32;
            self.cost = renderer.draw(&self.scene, &self.effects, &shown, clock)?;
        }
        self.frame_timer.record((self::now_ms()? - now_ms - waited_ms) as f32);
        Ok(())
    }

    /// Shows what was said, and says what was typed.
    fn talk(&mut self, playing: bool, now_ms: f64) -> Result<()> {
        // Without a ship Enter asks for one.
        let by_enter = !matches!(self.scene.hud.life, Life::Dead { .. });
        let typed = self.chat.update(playing, by_enter, now_ms)?;
        let Some(connection) = &mut self.connection else { return Ok(()) };
        for entry in connection.listen(self.chat.log()) {
            self.chat.add(entry, now_ms)?;
        }
        if let Some(line) = typed {
            connection.say(&line);
        }
        Ok(())
    }

    fn phase_name(&self) -> &'static str {
        match &self.connection {
            None => "start",
            Some(connection) if connection.watches() => "start",
            Some(connection) if !connection.in_game() => connection.phase(),
            Some(_) if matches!(self.scene.hud.life, Life::Dead { .. }) => "dead",
            Some(_) => "playing",
        }
    }

    fn tell_status(&mut self, phase: &'static str) -> Result<()> {
        let mut status = Status {
            phase,
            ships: self.scene.ships.len(),
            embers: self.scene.embers.len(),
            purse: self.scene.hud.embers,
            shots: self.scene.shots.iter().filter(|shot| shot.own).count(),
            fps: self.quality.fps(),
            quality: self.quality.quality(),
            work_ms: self.frame_timer.mean_and_p95_ms(),
            cost: self.cost,
            sound: self.sound.state(),
            volume: self.sound.volume(),
            ..Status::default()
        };
        let own = self.scene.ships.iter().find(|ship| ship.own);
        let flies =
            self.connection.as_ref().is_some_and(|connection| connection.in_game() && !connection.watches());
        status.position = own.filter(|_| flies).map(|ship| ship.position);
        let mut numbers = vec![(strings().fps, format!("{:.0}", status.fps))];
        let lag =
            self.connection.as_ref().filter(|connection| connection.in_game()).and_then(Connection::lag);
        status.lag = lag.map(|lag| (lag.total_ms(), lag.culprit().map_or("", LagPart::name)));
        if let Some(connection) = &self.connection {
            connection.tell(&mut status, &mut numbers);
        }
        self.lag.show(lag, &numbers)?;
        self.trace.publish()?;
        status::publish(&status)
    }
}
