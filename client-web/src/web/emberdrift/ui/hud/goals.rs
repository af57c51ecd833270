//! The list of first goals in the HUD. It is hidden while the hint says how to gather embers, which is the first goal.

use web_sys::{Element, HtmlElement};

use crate::{
    game::{
        goals::{GATHER, Goal, Goals, GoalsShown},
        scene::Hud,
        strings::{Strings, fill},
    },
    web::{
        emberdrift::language::strings,
        shell::dom::{
            Binding, Result, child, element,
            storage::{load, save},
        },
    },
};

/// Where the browser stores which goals were reached.
const GOALS_KEY: &str = "emberdrift.goals";

/// The list. Its rows are made once; the first is also the one that says that all are done.
pub(crate) struct GoalsView {
    goals: Goals,
    shown: Binding<Option<GoalsShown>>,
    rows: Vec<HtmlElement>,
}

fn text(goal: Goal, strings: &Strings) -> String {
    match goal {
        Goal::Gather => fill(strings.goal_gather, &[&GATHER.to_string()]),
        Goal::Drone => strings.goal_drone.to_owned(),
        Goal::Hull => strings.goal_hull.to_owned(),
    }
}

impl GoalsView {
    /// For a visitor who has records of earlier lives, or has none.
    pub(crate) fn new(has_records: bool) -> Result<Self> {
        let list = element::<Element>("goals")?;
        let rows = Goal::ALL.iter().map(|_| child(&list, "li", "")).collect::<Result<_>>()?;
        let goals = Goals::from_stored(load(GOALS_KEY).as_deref(), has_records);
        Ok(Self { goals, shown: Binding::by_id("goals")?, rows })
    }

    pub(crate) fn update(&mut self, hud: &Hud, is_hint_the_first: bool, now_ms: f64) {
        if self.goals.update(hud, now_ms) {
            save(GOALS_KEY, &self.goals.to_text());
        }
        let Self { goals, shown, rows } = self;
        shown.set(goals.shown(now_ms).filter(|_| !is_hint_the_first), |list, shown| {
            list.set_hidden(shown.is_none());
            match shown {
                None => {}
                Some(GoalsShown::AllDone) => {
                    rows.iter().skip(1).for_each(|row| row.set_hidden(true));
                    if let Some(row) = rows.first() {
                        row.set_class_name("done next");
                        row.set_text_content(Some(strings().goals_done));
                    }
                }
                Some(GoalsShown::List(goals)) => {
                    let next = goals.iter().position(|(_, is_done)| !is_done);
                    for (index, (row, (goal, is_done))) in rows.iter().zip(goals).enumerate() {
                        row.set_text_content(Some(&text(*goal, strings())));
                        row.set_class_name(match (is_done, next == Some(index)) {
                            (true, _) => "done",
                            (false, true) => "next",
                            (false, false) => "",
                        });
                    }
                }
            }
        });
    }
}
