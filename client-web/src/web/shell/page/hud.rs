//! What stands over the canvas beside chat, banner and lag readout: the start card, the leaderboard and the line at the top.

use shared::engine::{ids::PlayerId, protocol::ViewerState};
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

use crate::{
    engine::{
        page::{
            game_page::{Page, ROWS_MAX, Row, crowd, players, rows},
            player_name::player_name,
        },
        session::Session,
    },
    web::shell::dom::{Binding, Listener, Result, SCENE_ID, body, child, document, element},
};

pub(super) struct Hud {
    visible: Binding<bool>,
    phase: Binding<&'static str>,
    start: Binding<bool>,
    crowd: Binding<String>,
    players: Binding<String>,
    status: Binding<String>,
    status_visible: Binding<bool>,
    board: Binding<bool>,
    rows: Vec<RowView>,
}

/// A row of the leaderboard.
struct RowView {
    row: Binding<Option<Row>>,
    rank: HtmlElement,
    name: HtmlElement,
    score: HtmlElement,
}

/// Calls `play` with the name when the visitor presses Play.
pub(super) fn on_play(play: impl Fn(String) + 'static) -> Result<Listener> {
    let field: HtmlInputElement = element("name")?;
    Listener::new(element::<Element>("join")?.as_ref(), "submit", move |event: Event| {
        event.prevent_default();
        // A field that keeps the focus would take the game's keys.
        let _ = field.blur();
        if let Ok(canvas) = element::<HtmlElement>(SCENE_ID) {
            let _ = canvas.focus();
        }
        play(player_name(&field.value()));
    })
}

impl Hud {
    /// With the start card shown, and the name in it that the visitor had last.
    pub(super) fn new(title: &str, hint: &str, name: &str) -> Result<Self> {
        document()?.set_title(title);
        element::<HtmlElement>("title")?.set_text_content(Some(title));
        element::<HtmlElement>("tagline")?.set_text_content(Some(hint));
        let field: HtmlInputElement = element("name")?;
        field.set_value(name);
        let list: Element = element("leaderboard")?;
        let rows = (0..=ROWS_MAX).map(|_| RowView::new(&list)).collect::<Result<_>>()?;
        let mut hud = Self {
            visible: Binding::by_id("hud")?,
            phase: Binding::new(body()?),
            start: Binding::by_id("start")?,
            crowd: Binding::by_id("crowd")?,
            players: Binding::by_id("players")?,
            status: Binding::by_id("status-line")?,
            status_visible: Binding::by_id("status-line")?,
            board: Binding::by_id("board")?,
            rows,
        };
        hud.show_phase("start");
        field.focus()?;
        Ok(hud)
    }

    /// Shows what is there during a game only.
    pub(super) fn set_visible(&mut self, visible: bool) {
        self.visible.visible(visible);
    }

    /// Tells the style sheet the phase, and shows the start card before the game.
    pub(super) fn show_phase(&mut self, phase: &'static str) {
        self.start.visible(phase == "start");
        self.phase.set(phase, |body, phase| {
            // It only changes the looks.
            let _ = body.set_attribute("data-phase", phase);
        });
    }

    /// Shows the line at the top, if there is one.
    pub(super) fn show_status(&mut self, words: &str) {
        self.status_visible.visible(!words.is_empty());
        self.status.text(words);
    }

    /// Shows who leads, and how many play.
    pub(super) fn show_leaderboard<P: Page>(&mut self, session: &Session<P>) -> Result<()> {
        let (Some(leaderboard), Some(roster)) = (session.leaderboard(), session.roster()) else {
            return Ok(());
        };
        let own_rank = match session.viewer() {
            Some(ViewerState::Player { rank, .. }) => *rank,
            _ => 0,
        };
        let rows = rows(leaderboard, roster, session.player_id().unwrap_or(PlayerId::NONE), own_rank);
        self.board.visible(!rows.is_empty());
        let mut rows = rows.into_iter();
        for view in &mut self.rows {
            view.show::<P>(rows.next());
        }
        self.players.text(&players(leaderboard));
        self.crowd.text(&crowd(leaderboard));
        Ok(())
    }
}

impl RowView {
    fn new(list: &Element) -> Result<Self> {
        let row = child(list, "li", "")?;
        row.set_hidden(true);
        let [rank, name, score] = ["rank", "name", "score"].map(|class| child(&row, "span", class));
        Ok(Self { rank: rank?, name: name?, score: score?, row: Binding::new(row) })
    }

    fn show<P: Page>(&mut self, row: Option<Row>) {
        let Self { rank, name, score, .. } = self;
        self.row.set(row, |element, row| {
            element.set_hidden(row.is_none());
            let Some(row) = row else { return };
            element.set_class_name(row.class);
            rank.set_text_content(Some(&row.rank.to_string()));
            name.set_text_content(Some(&row.name));
            score.set_text_content(Some(&row.score.map(P::score).unwrap_or_default()));
        });
    }
}
