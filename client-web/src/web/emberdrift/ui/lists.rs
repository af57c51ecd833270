//! The lists of the HUD: leaderboard and kill feed. Rows are made once and filled when they change. It must not
//! know how leaderboard come about.

use std::collections::VecDeque;

use web_sys::{Element, HtmlElement};

use crate::game::{
    scene::{Hud, HudKill, HudLeaderboardRow},
    strings::fill,
};
use crate::web::shell::{
    dom::{Result, Shown, child, element},
    language::strings,
};

/// Rows of the leaderboard: ten, and the own one below if it is not among them.
const ROWS: usize = 11;
/// Lines of the kill feed.
const FEED_MAX: usize = 5;
/// How long a line stays, and how long before that it begins to fade, in milliseconds.
const FEED_MS: f64 = 6500.0;
const FADE_MS: f64 = 700.0;

/// A streak so long is worth a word when it ends.
const ENDED_MIN: u8 = 3;

/// One row.
struct Row {
    place: Shown<u32>,
    who: Shown<String>,
    score: Shown<u32>,
    class: Shown<String>,
    visible: Shown<bool>,
}

impl Row {
    fn new(list: &Element) -> Result<Self> {
        let item = child(list, "li", "")?;
        Ok(Self {
            place: Shown::new(child(&item, "span", "place")?),
            who: Shown::new(child(&item, "span", "who")?),
            score: Shown::new(child(&item, "span", "score")?),
            class: Shown::new(item.clone()),
            visible: Shown::new(item),
        })
    }

    fn show(&mut self, place: u32, who: &str, score: u32, class: &str) {
        self.place.number(place);
        self.who.text(who);
        self.score.number(score);
        self.class.show(class.to_owned(), |item, class| item.set_class_name(class));
        self.visible.visible(true);
    }
}

/// The leaderboard.
pub(in crate::web) struct Leaderboard(Vec<Row>);

impl Leaderboard {
    /// Makes its rows.
    pub(in crate::web) fn new() -> Result<Self> {
        let list = element::<Element>("leaderboard")?;
        list.set_text_content(None);
        (0..ROWS).map(|_| Row::new(&list)).collect::<Result<_>>().map(Self)
    }

    /// Shows the ten first, and this player.
    pub(in crate::web) fn show(&mut self, hud: &Hud, own_name: &str) {
        let shown = hud.top.len().min(ROWS - 1);
        for (i, (row, standing)) in self.0.iter_mut().zip(&hud.top[..shown]).enumerate() {
            row.show(i as u32 + 1, &standing.name, standing.embers, class_of(i, standing));
        }
        let mut next = shown;
        let listed = hud.top.iter().any(|standing| standing.own);
        if !listed && usize::from(hud.rank) > shown {
            self.0[next].show(u32::from(hud.rank), own_name, hud.embers, "own apart");
            next += 1;
        }
        for row in &mut self.0[next..] {
            row.visible.visible(false);
        }
    }
}

fn class_of(place: usize, standing: &HudLeaderboardRow) -> &'static str {
    let drone = standing.kind == shared::game::pilot::PilotKind::Drone;
    match (standing.own, place, drone) {
        (true, 0, _) => "own first",
        (true, ..) => "own",
        (_, 0, _) => "first",
        (_, _, true) => "drone",
        _ => "",
    }
}

/// The kill feed, newest first.
pub(in crate::web) struct Feed {
    list: Element,
    lines: VecDeque<(HtmlElement, f64)>,
}

impl Feed {
    /// Finds it on the page.
    pub(in crate::web) fn new() -> Result<Self> {
        Ok(Self { list: element("feed")?, lines: VecDeque::new() })
    }

    /// Adds what happened.
    pub(in crate::web) fn add(&mut self, kill: &HudKill, now_ms: f64) -> Result<()> {
        let line = child(&self.list, "li", if kill.own { "own" } else { "" })?;
        if kill.by.is_empty() {
            child(&line, "b", "")?.set_text_content(Some(&kill.victim));
            child(&line, "span", "mark")?.set_text_content(Some("✦"));
        } else {
            child(&line, "b", "")?.set_text_content(Some(&kill.by));
            child(&line, "span", "mark")?.set_text_content(Some("➤"));
            child(&line, "span", "")?.set_text_content(Some(&kill.victim));
        }
        if kill.streak > 1 {
            child(&line, "i", "streak")?
                .set_text_content(Some(&fill(strings().streak, &[&kill.streak.to_string()])));
        }
        if kill.ended >= ENDED_MIN {
            let text = fill(strings().ended_streak, &[&kill.ended.to_string()]);
            child(&line, "i", "ended")?.set_text_content(Some(&text));
        }
        self.list.insert_before(&line, self.list.first_child().as_ref())?;
        self.lines.push_front((line, now_ms));
        while self.lines.len() > FEED_MAX {
            self.drop_last();
        }
        Ok(())
    }

    /// Lets old lines fade and go.
    pub(in crate::web) fn age(&mut self, now_ms: f64) {
        while self.lines.back().is_some_and(|(_, since)| now_ms - since > FEED_MS) {
            self.drop_last();
        }
        for (line, since) in self.lines.iter().rev() {
            if now_ms - since < FEED_MS - FADE_MS {
                break;
            }
            // A line that does not fade goes all the same.
            let _ = line.class_list().add_1("fading");
        }
    }

    fn drop_last(&mut self) {
        if let Some((line, _)) = self.lines.pop_back() {
            line.remove();
        }
    }
}
