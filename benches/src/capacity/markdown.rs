//! The report as Markdown: compact tables, to be read as they are and to be pasted.

use std::fmt::Write as _;

use super::{
    model::Report,
    tables::{self, Table},
};

/// The whole report.
pub fn markdown(report: &Report) -> String {
    let mut out = format!("{}\n\n", tables::lead(report));
    for table in [tables::verdict(&report.verdict)].into_iter().chain(tables::figures(report)) {
        write_table(&mut out, &table);
    }
    out
}

fn write_table(out: &mut String, table: &Table) {
    let _ = writeln!(out, "**{}**\n", table.title);
    if !table.rows.is_empty() {
        let line = |cells: &mut dyn Iterator<Item = String>| {
            format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
        };
        *out += &line(&mut table.head.iter().map(|&head| head.to_owned()));
        *out += &line(&mut table.head.iter().map(|_| "---".to_owned()));
        for row in &table.rows {
            *out += &line(&mut row.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")));
        }
        out.push('\n');
    }
    if !table.note.is_empty() {
        let _ = writeln!(out, "{}\n", table.note.replace('\n', " "));
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::model::{Attempt, Figures, Held, Judged, Ladder, Outcome, Peer, Sense},
        *,
    };

    #[test]
    fn tables_are_whole_and_say_what_is_missing() {
        let figures = Figures { joined: 250, cpu_us_per_client_tick: Some(18.25), ..Figures::default() };
        let attempts = vec![
            Attempt { players: 250, figures: Some(figures), failure: None },
            Attempt::failed(500, &"it\nbroke"),
        ];
        let held = Some(Held { players: 250, above: Some((500, "it broke".to_owned())) });
        let report = Report {
            verdict: vec![Judged {
                figure: "a|b".to_owned(),
                measured: Some(1.234),
                sense: Sense::AtMost,
                bar: 1.5,
                outcome: Outcome::Pass,
                note: "from".to_owned(),
            }],
            spread: Ladder { attempts, held },
            peer: Peer {
                name: "Colyseus".to_owned(),
                left_out: Some("no node".to_owned()),
                ..Peer::default()
            },
            ..Report::default()
        };
        let text = markdown(&report);
        assert!(text.contains("| a\\|b | 1.23 | ≤ 1.50 | pass | from |"), "{text}");
        assert!(text.contains("| 250 | 250 | – | – / – / – | 18.2 |"), "{text}");
        assert!(text.contains("Held 250 players; at 500: it broke."), "{text}");
        assert!(text.contains("Left out: no node."), "{text}");
        // Each table's lines are as long as its head.
        for block in text.split("\n\n").filter(|block| block.starts_with('|')) {
            let cells = |line: &str| line.replace("\\|", "").matches('|').count();
            let first = cells(block.lines().next().unwrap());
            assert!(block.lines().all(|line| cells(line) == first), "{block}");
        }
    }
}
