//! A player's connection through all its breaks, or that of a visitor who only watches: a session, and a socket under it.

use std::rc::Rc;

use shared::engine::{
    game_trait::Game,
    protocol::{CloseReason, ResumeToken},
    roster::UnlockedAchievement,
};

use crate::{
    engine::{
        chat::{ChatEntry, ChatLog},
        page::{
            connection_state::{ConnectionAction, ConnectionNotice, ConnectionState},
            server_address::{game_path, socket_beside},
            storage::{game_key, resume_arena, resume_text, resume_token},
        },
        roster::Roster,
        route::Route,
        session::Session,
        session_stats::SessionStats,
        view::View,
    },
    web::shell::{
        dom::{Listener, Result, storage, window},
        reload,
        socket::{HandshakeCheck, Socket, SocketEvent},
        visitor,
    },
};

/// How a page that is loaded again gets its player back.
const RESUME: &str = "resume";

/// How a player wants to appear.
#[derive(Clone, Debug, Default)]
pub(crate) struct Appearance {
    pub(crate) name: String,
    /// Below [`shared::engine::limits::COLOURS`].
    pub(crate) colour: Option<u8>,
}

/// The key of a text that the browser keeps for this game.
fn key<V: View>(name: &str) -> String {
    game_key(V::Game::NAME, name)
}

/// Reconnects by itself.
pub(crate) struct Connection<V: View> {
    /// `None` for one that only watches.
    player: Option<Appearance>,
    /// The slug of its arena; `None` for the server's default.
    arena: Option<String>,
    route: Route,
    on_event: Rc<dyn Fn(SocketEvent)>,
    session: Session<V>,
    token: Option<ResumeToken>,
    socket: Option<Socket>,
    /// About the last socket, if it could not be opened.
    check: Option<HandshakeCheck>,
    /// The server's own words about that.
    reason: String,
    state: ConnectionState,
    is_hidden: bool,
    /// The number of the badge that the player wears; 0 for none.
    badge: u8,
    /// Frames and checksum mismatches of the sessions before this one.
    before: (u64, u64),
    _on_forbidden: Listener,
}

impl<V: View> Connection<V> {
    /// Connects to an arena, as this player or to watch: at the page's server, or at the node with the URL `node`. What its sockets
    /// report goes to `on_event`, to be handed to [`Connection::handle`].
    pub(crate) fn new(
        player: Option<Appearance>,
        (arena, node): (Option<String>, Option<String>),
        on_event: Rc<dyn Fn(SocketEvent)>,
        now_ms: f64,
    ) -> Result<Self> {
        let path = game_path(arena.as_deref());
        let document = node.map_or_else(|| window()?.location().href(), |node| Ok(format!("{node}/")))?;
        let _on_forbidden = reload::for_new_nodes(V::Game::NAME, player.is_some())?;
        let mut connection = Self {
            player,
            route: Route::new(&socket_beside(&document, &path), &path),
            arena,
            on_event,
            session: Session::spectator(),
            token: None,
            socket: None,
            check: None,
            reason: String::new(),
            state: ConnectionState::new(now_ms, reload::was_for_version(V::Game::NAME)),
            is_hidden: false,
            badge: 0,
            before: (0, 0),
            _on_forbidden,
        };
        connection.token = connection.stored_token();
        connection.connect()?;
        Ok(connection)
    }

    fn connect(&mut self) -> Result<()> {
        self.before = (self.frames_received(), self.checksum_mismatches());
        // An attempt that fails brings no token, and the last one is still good.
        self.token = self.session.resume_token().or(self.token);
        let address = self.route.next_address();
        // The challenge is of the page's server, so the proof is good at no other node.
        let own = socket_beside(&window()?.location().href()?, "ws");
        let is_for_it = self.player.is_some() && address.starts_with(&own);
        let proof = if is_for_it { visitor::take_proof()? } else { None };
        self.session = match &self.player {
            None => Session::spectator(),
            Some(Appearance { name, colour }) => {
                let session = Session::new(name).with_colour(*colour).with_resume_token(self.token);
                let session = session.with_ticket(storage::from_address("ticket")?);
                session.with_identity(proof).with_party(visitor::party(V::Game::NAME, self.arena.as_deref()))
            }
        };
        self.session.set_hidden(self.is_hidden);
        // The server forgets it with the connection.
        if self.badge > 0 {
            self.session.wear_badge(self.badge);
        }
        self.state.begin_attempt();
        self.socket = Some(Socket::open(&address, Rc::clone(&self.on_event))?);
        Ok(())
    }

    /// Takes in an event of its socket; `true` when the game begins with it.
    pub(crate) fn handle(&mut self, event: SocketEvent, now_ms: f64) -> Result<bool> {
        let mut has_begun = false;
        match event {
            SocketEvent::Opened => self.state.on_opened(),
            SocketEvent::Refused(fault, reason) => {
                web_sys::console::warn_1(&format!("no WebSocket: {fault:?}; {reason}").into());
                self.state.on_refused(fault);
                self.reason = reason;
            }
            SocketEvent::Message(bytes) => {
                if let Err(error) = self.session.handle_message(&bytes, now_ms) {
                    web_sys::console::warn_1(&error.to_string().into());
                    self.on_closed(None, now_ms)?;
                } else if self.session.tick().is_some() && self.state.on_frame(now_ms) {
                    self.route.on_frame();
                    self.store_token();
                    reload::on_frame(V::Game::NAME);
                    has_begun = true;
                }
            }
            SocketEvent::Closed(code, text) => {
                let why = CloseReason::from_code(code);
                if why == Some(CloseReason::Moved) {
                    self.route.on_moved(&text);
                } else if self.state.is_opening() && self.route.node().is_none() {
                    let on_event = Rc::clone(&self.on_event);
                    self.check = Some(HandshakeCheck::start(self.arena.as_deref(), on_event)?);
                }
                self.on_closed(why, now_ms)?;
            }
        }
        self.flush();
        Ok(has_begun)
    }

    fn on_closed(&mut self, why: Option<CloseReason>, now_ms: f64) -> Result<()> {
        let action = self.state.on_closed(why, now_ms);
        self.act(action)
    }

    fn act(&mut self, action: ConnectionAction) -> Result<()> {
        match action {
            ConnectionAction::None => Ok(()),
            ConnectionAction::Drop => {
                self.socket = None;
                Ok(())
            }
            ConnectionAction::Connect => self.connect(),
            ConnectionAction::ReloadPage => {
                self.socket = None;
                reload::for_version(V::Game::NAME, self.player.is_some())
            }
        }
    }

    fn store_token(&self) {
        if let Some(token) = self.session.resume_token() {
            storage::save_for_tab(&key::<V>(RESUME), &resume_text(token, self.arena_key(), self.name()));
        }
    }

    fn stored_token(&self) -> Option<ResumeToken> {
        self.player.as_ref()?;
        resume_token(&storage::load_for_tab(&key::<V>(RESUME))?, self.arena_key(), self.name())
    }

    /// The arena in which the player of this tab was before the page was loaded again; see [`resume_arena`].
    pub(crate) fn kept_arena() -> Option<String> {
        resume_arena(&storage::load_for_tab(&key::<V>(RESUME))?).map(str::to_owned)
    }

    fn arena_key(&self) -> &str {
        self.arena.as_deref().unwrap_or_default()
    }

    /// The nodes of the server's cluster, if it is in one.
    pub(crate) fn set_nodes<'a>(&mut self, urls: impl IntoIterator<Item = &'a str>) {
        self.route.set_nodes(urls);
    }

    /// The URL of the node that the game is at; `None` if that has served the page.
    pub(crate) fn node(&self) -> Option<String> {
        self.route.node()
    }

    /// Leaves for good: the server removes the player at once, and it cannot be resumed.
    pub(crate) fn leave(self) {
        storage::remove_for_tab(&key::<V>(RESUME));
        if let Some(socket) = &self.socket {
            socket.close_for_good();
        }
    }

    /// Whether the page is hidden.
    pub(crate) fn set_hidden(&mut self, is_hidden: bool, now_ms: f64) {
        self.is_hidden = is_hidden;
        if self.state.set_hidden(is_hidden, now_ms) {
            self.session.set_hidden(is_hidden);
            self.flush();
        }
    }

    /// The page goes, perhaps for good (`pagehide`), or is back. The socket closes so that the server knows at once that the player is
    /// away, and keeps the player: a page that is loaded again looks the same from here, and goes on with it.
    pub(crate) fn set_gone(&mut self, is_gone: bool, now_ms: f64) -> Result<()> {
        let action = self.state.set_gone(is_gone, now_ms);
        self.act(action)
    }

    /// Tries again when it is time, and gives up a connection that is silent: to be called a few times a second.
    pub(crate) fn poll(&mut self, now_ms: f64) -> Result<()> {
        let action = self.state.poll(now_ms, self.session.stats().last_frame_ms);
        self.act(action)
    }

    /// Takes in what the player wants and sends what is due.
    pub(crate) fn advance(&mut self, now_ms: f64, input: <V::Game as Game>::Input) {
        self.session.advance(now_ms, input);
        self.flush();
    }

    fn flush(&mut self) {
        let Some(socket) = self.socket.as_ref().filter(|socket| socket.is_open()) else {
            return;
        };
        while let Some(bytes) = self.session.poll_transmit() {
            socket.send(&bytes);
        }
    }

    /// Fills in what there is to draw.
    pub(crate) fn scene(&mut self, now_ms: f64, scene: &mut V::Scene) {
        self.session.scene(now_ms, scene);
    }

    /// A frame took this long from its scene to the screen.
    pub(crate) fn rendered(&mut self, ms: f64) {
        self.session.on_rendered(ms);
    }

    /// Says a line in the chat.
    pub(crate) fn say(&mut self, line: &str) {
        self.session.send_chat(line);
        self.flush();
    }

    /// What was said since the last call, less what `log` leaves out.
    pub(crate) fn take_chat(&mut self, log: &mut ChatLog) -> Vec<ChatEntry> {
        let me = self.session.player_id();
        self.session.take_chat().into_iter().flat_map(|notice| log.receive(notice, me)).collect()
    }

    /// The achievement that this player has unlocked, if it has just come.
    pub(crate) fn take_unlocked(&mut self) -> Option<UnlockedAchievement> {
        self.session.take_unlocked()
    }

    /// Wears the badge with this number, now and after each break.
    pub(crate) fn wear_badge(&mut self, number: u8) {
        if number != core::mem::replace(&mut self.badge, number) && !self.is_watching() {
            self.session.wear_badge(number);
            self.flush();
        }
    }

    /// The key that makes this player the creator of its room, if it has just come.
    pub(crate) fn take_room_key(&mut self) -> Option<String> {
        self.session.take_room_key()
    }

    /// The numbers and names of the other players, without bots.
    pub(crate) fn others(&self) -> Vec<(u16, String)> {
        let me = self.session.player_id();
        let humans = self.session.roster().into_iter().flat_map(Roster::humans);
        humans
            .filter(|player| Some(player.id) != me)
            .map(|it| (it.id.0, it.name.as_str().to_owned()))
            .collect()
    }

    pub(crate) fn session(&self) -> &Session<V> {
        &self.session
    }

    pub(crate) fn stats(&self) -> &SessionStats {
        self.session.stats()
    }

    /// Of all its sessions.
    pub(crate) fn frames_received(&self) -> u64 {
        self.before.0 + self.stats().frames_received
    }

    /// Of all its sessions.
    pub(crate) fn checksum_mismatches(&self) -> u64 {
        self.before.1 + self.stats().checksum_mismatches
    }

    pub(crate) fn state(&self) -> &ConnectionState {
        &self.state
    }

    /// Whether frames come.
    pub(crate) fn is_in_game(&self) -> bool {
        self.state.is_in_game()
    }

    /// Whether frames are due and do not come.
    pub(crate) fn is_silent(&self, now_ms: f64) -> bool {
        self.state.is_silent(now_ms, self.stats().last_frame_ms)
    }

    /// Whether to offer the player the way back to the start.
    pub(crate) fn offers_way_back(&self, now_ms: f64) -> bool {
        !self.is_watching() && self.state.offers_way_back(now_ms)
    }

    /// Whether frames come for a player, and not only to watch.
    pub(crate) fn is_playing(&self) -> bool {
        self.is_in_game() && !self.is_watching()
    }

    /// Whether it only watches.
    pub(crate) fn is_watching(&self) -> bool {
        self.player.is_none()
    }

    /// Whether frames for a player ever came: then the HUD stays until the next ones.
    pub(crate) fn has_played(&self) -> bool {
        self.state.was_in_game() && !self.is_watching()
    }

    /// `None` for one that only watches.
    pub(crate) fn player(&self) -> Option<&Appearance> {
        self.player.as_ref()
    }

    /// Empty for one that only watches.
    pub(crate) fn name(&self) -> &str {
        self.player.as_ref().map_or("", |player| &player.name)
    }

    /// What the player is told, and the server's own words if it has refused the connection. A visitor who watches has
    /// something to look at in any case, unless the page can never connect.
    pub(crate) fn notice(&self, now_ms: f64) -> (ConnectionNotice, &str) {
        let notice = match self.state.notice(now_ms) {
            notice if self.is_watching() && !notice.lasts() => ConnectionNotice::None,
            notice => notice,
        };
        (notice, &self.reason)
    }
}
