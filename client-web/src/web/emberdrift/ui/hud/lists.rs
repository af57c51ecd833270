//! Who is where: the line of a duel, and the lists of teams, players and kills.

use shared::game::mode::{TEAMS_MAX, Team};
use web_sys::{Element, HtmlElement};

use crate::{
    engine::page::aging_lines::AgingLines,
    game::{
        page::{
            duel::line,
            kill_feed,
            leaderboard::{LeaderboardRow, ROWS_MAX, rows},
        },
        scene::{Hud, HudDuel, HudKill, HudTeam},
    },
    web::{
        emberdrift::language::strings,
        shell::dom::{Binding, Result, child, element},
    },
};

/// Lines of the kill feed.
const KILLS_MAX: usize = 5;
/// How long a line of the kill feed stays.
const KILL_MS: f64 = 6500.0;
/// How long before that it begins to fade.
const FADE_MS: f64 = 700.0;

/// The leaderboard. Its rows are made once and filled when they change.
pub(crate) struct Leaderboard(Vec<Row>);

struct Row {
    rank: Binding<u32>,
    name: Binding<String>,
    score: Binding<u32>,
    class: Binding<&'static str>,
    team: Binding<Option<Team>>,
    visible: Binding<bool>,
}

/// The team of a row, for the style sheet; `None` without teams.
fn mark_team(row: &mut Binding<Option<Team>>, team: Option<Team>) {
    row.set(team, |item, team| {
        // A row without the mark only lacks a sign.
        let _ = match team {
            Some(Team(number)) => item.set_attribute("data-team", &number.to_string()),
            None => item.remove_attribute("data-team"),
        };
    });
}

impl Row {
    fn new(list: &Element) -> Result<Self> {
        let item = child(list, "li", "")?;
        Ok(Self {
            rank: Binding::new(child(&item, "span", "rank")?),
            name: Binding::new(child(&item, "span", "name")?),
            score: Binding::new(child(&item, "span", "score")?),
            class: Binding::new(item.clone()),
            team: Binding::new(item.clone()),
            visible: Binding::new(item),
        })
    }

    fn show(&mut self, row: LeaderboardRow<'_>) {
        self.rank.number(row.rank);
        self.name.text(row.name);
        self.score.number(row.score);
        mark_team(&mut self.team, row.team);
        self.class.set(row.class, |item, class| item.set_class_name(class));
    }
}

impl Leaderboard {
    pub(crate) fn new() -> Result<Self> {
        let list = element::<Element>("leaderboard")?;
        (0..ROWS_MAX).map(|_| Row::new(&list)).collect::<Result<_>>().map(Self)
    }

    pub(crate) fn show(&mut self, hud: &Hud, own_name: &str) {
        let mut rows = rows(hud, own_name);
        for shown in &mut self.0 {
            let row = rows.next();
            shown.visible.visible(row.is_some());
            if let Some(row) = row {
                shown.show(row);
            }
        }
    }
}

/// The teams and their scores, above the leaderboard.
pub(crate) struct Teams {
    rows: Vec<TeamRow>,
    visible: Binding<bool>,
}

struct TeamRow {
    name: Binding<String>,
    score: Binding<u32>,
    own: Binding<bool>,
    team: Binding<Option<Team>>,
    visible: Binding<bool>,
}

impl TeamRow {
    fn new(list: &Element) -> Result<Self> {
        let item = child(list, "li", "")?;
        Ok(Self {
            name: Binding::new(child(&item, "span", "name")?),
            score: Binding::new(child(&item, "span", "score")?),
            own: Binding::new(item.clone()),
            team: Binding::new(item.clone()),
            visible: Binding::new(item),
        })
    }

    fn show(&mut self, &HudTeam { team, score, own }: &HudTeam) {
        self.name.text(strings().team_name(team));
        self.score.number(score);
        self.own.class_if(own, "own", "");
        mark_team(&mut self.team, Some(team));
    }
}

impl Teams {
    pub(crate) fn new() -> Result<Self> {
        let list = element::<Element>("teams")?;
        let rows = (0..TEAMS_MAX).map(|_| TeamRow::new(&list)).collect::<Result<_>>()?;
        Ok(Self { rows, visible: Binding::by_id("teams")? })
    }

    pub(crate) fn show(&mut self, teams: &[HudTeam]) {
        self.visible.visible(!teams.is_empty());
        for (index, row) in self.rows.iter_mut().enumerate() {
            let team = teams.get(index);
            row.visible.visible(team.is_some());
            if let Some(team) = team {
                row.show(team);
            }
        }
    }
}

/// Names, rounds won, and what goes on.
pub(crate) struct DuelView {
    visible: Binding<bool>,
    names: [Binding<String>; 2],
    score: Binding<String>,
    state: Binding<String>,
}

impl DuelView {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            visible: Binding::by_id("duel")?,
            names: [Binding::by_id("duel-one")?, Binding::by_id("duel-other")?],
            score: Binding::by_id("duel-score")?,
            state: Binding::by_id("duel-state")?,
        })
    }

    /// Shows a duel; `None` in other modes.
    pub(crate) fn show(&mut self, duel: Option<&HudDuel>) {
        self.visible.visible(duel.is_some());
        let Some(duel) = duel else { return };
        let line = line(duel, strings());
        for (shown, name) in self.names.iter_mut().zip(&line.names) {
            shown.text(name);
        }
        self.score.text(&line.score);
        self.state.text(&line.state);
    }
}

/// The kill feed, newest first.
pub(crate) struct KillFeed {
    list: Element,
    lines: AgingLines<HtmlElement>,
}

impl KillFeed {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { list: element("kill-feed")?, lines: AgingLines::new(KILLS_MAX) })
    }

    pub(crate) fn add(&mut self, kill: &HudKill, now_ms: f64) -> Result<()> {
        let line = child(&self.list, "li", if kill.own { "own" } else { "" })?;
        for (tag, class, text) in kill_feed::parts(kill, strings()) {
            child(&line, tag, class)?.set_text_content(Some(&text));
        }
        self.list.insert_before(&line, self.list.first_child().as_ref())?;
        if let Some(oldest) = self.lines.push(line, now_ms) {
            oldest.remove();
        }
        Ok(())
    }

    /// Fades and removes old lines.
    pub(crate) fn age(&mut self, now_ms: f64) {
        while let Some(line) = self.lines.pop_older_than(KILL_MS, now_ms) {
            line.remove();
        }
        while let Some(line) = self.lines.next_old(KILL_MS - FADE_MS, now_ms) {
            // A line that does not fade is removed all the same.
            let _ = line.class_list().add_1("fading");
        }
    }
}
