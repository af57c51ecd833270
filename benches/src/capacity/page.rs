//! The report as a page: the verdict, charts over the number of players, and the tables. It knows what is drawn; how,
//! the charts do.

use super::{
    model::{Attempt, Figures, Outcome, Report},
    tables::{self, Table},
};
use crate::chart::{self, Chart, Mark, Series, Verdict};

/// Where the verdict's table says pass or miss.
const OUTCOME_COLUMN: usize = 3;
/// Frame gaps that are drawn, by what a step may have to hold: far above it, only their being there tells anything.
const GAP_DRAWN_MAX: f64 = 4.0;

/// The whole page.
pub fn page(report: &Report) -> String {
    let count = |outcome: Outcome| report.verdict.iter().filter(|judged| judged.outcome == outcome).count();
    let (passed, missed, unknown) = (count(Outcome::Pass), count(Outcome::Miss), count(Outcome::NotMeasured));
    let (verdict, word) = match (missed, unknown) {
        (0, 0) => (Verdict::Good, "Every bar met"),
        (0, _) => (Verdict::Doubtful, "Not everything was measured"),
        _ => (Verdict::Bad, "Below a bar"),
    };
    let sentence = format!("{passed} figures pass, {missed} miss, {unknown} not measured");
    let lead = chart::escape(&tables::lead(report));
    let mut body = format!("<h1>How many players</h1>\n<p class=\"lead\">{lead}</p>\n");
    body += &chart::verdict(verdict, word, &sentence);
    body += &verdict_table(report);
    body += "<h2>By number of players</h2>\n";
    body += &chart::charts(&charts(report).iter().map(Chart::svg).collect::<Vec<_>>());
    body.extend(tables::figures(report).iter().map(table));
    chart::page("Emberdrift: how many players", &body)
}

fn table(table: &Table) -> String {
    let cells = |cells: &mut dyn Iterator<Item = &str>, tag: &str| {
        let cells: String = cells.map(|cell| format!("<{tag}>{}</{tag}>", chart::escape(cell))).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let mut out = format!("<h2>{}</h2>\n", chart::escape(&table.title));
    if !table.rows.is_empty() {
        out += "<div class=\"wide\"><table>\n";
        out += &cells(&mut table.head.iter().copied(), "th");
        out.extend(table.rows.iter().map(|row| cells(&mut row.iter().map(String::as_str), "td")));
        out += "</table></div>\n";
    }
    if !table.note.is_empty() {
        out += &format!("<p class=\"lead\">{}</p>\n", chart::escape(&table.note));
    }
    out
}

/// In colours, and with room for what a figure was made from.
fn verdict_table(report: &Report) -> String {
    let words = tables::verdict(&report.verdict);
    let rows: String = report
        .verdict
        .iter()
        .zip(&words.rows)
        .map(|(judged, row)| {
            let class = match judged.outcome {
                Outcome::Pass => "good",
                Outcome::Miss => "bad",
                Outcome::NotMeasured => "doubtful",
            };
            let cells = row.iter().enumerate().map(|(column, cell)| {
                let style = match column {
                    OUTCOME_COLUMN => "color:var(--tone);font-weight:600",
                    column if column > OUTCOME_COLUMN => "white-space:normal;text-align:left",
                    _ => "",
                };
                format!("<td style=\"{style}\">{}</td>", chart::escape(cell))
            });
            format!("<tr class=\"{class}\">{}</tr>\n", cells.collect::<String>())
        })
        .collect();
    let head: String = words.head.iter().map(|head| format!("<th>{head}</th>")).collect();
    format!("<h2>{}</h2>\n<div class=\"wide\"><table>\n<tr>{head}</tr>\n{rows}</table></div>\n", words.title)
}

fn charts(report: &Report) -> Vec<Chart> {
    let (spread, crowd, floor) = (report.spread.best(), report.crowd.best(), report.floor.best());
    let peers: Vec<(String, Vec<&Attempt>)> = report
        .peer
        .runs
        .iter()
        .map(|runs| (format!("{} {}", report.peer.name, runs.mode), runs.attempts.iter().collect()))
        .collect();
    let with_peers = |figure: fn(&Figures) -> Option<f64>| {
        let mut lines = vec![
            line("spread", &spread, figure),
            line("crowd", &crowd, figure),
            line("floor", &floor, figure),
        ];
        lines.push(line("like the peer", &report.peer.ours.iter().collect::<Vec<_>>(), figure));
        lines.extend(peers.iter().map(|(name, attempts)| line(name, attempts, figure)));
        lines
    };
    let gap_ms_max = report.settings.gap_ms_max;
    let mut gaps = with_peers(|f| f.frame_gap_ms.p99);
    for series in &mut gaps {
        series.points.retain(|&(_, gap_ms)| gap_ms <= GAP_DRAWN_MAX * gap_ms_max);
    }
    vec![
        over_players("Server CPU per client and tick", "µs", with_peers(|f| f.cpu_us_per_client_tick), None),
        over_players(
            &format!("Frame gap, 99 of 100 below (those up to {:.0} ms)", GAP_DRAWN_MAX * gap_ms_max),
            "ms",
            gaps,
            Some((format!("{gap_ms_max:.0} ms"), gap_ms_max)),
        ),
        over_players(
            "Sent to each player",
            "kB/s",
            with_peers(|f| f.bytes_per_player_second.map(|bytes| bytes / 1000.0)),
            None,
        ),
        over_players(
            "Work of a tick",
            "ms",
            vec![
                line("spread p50", &spread, |f| f.tick_ms.p50),
                line("spread p99", &spread, |f| f.tick_ms.p99),
                line("crowd p50", &crowd, |f| f.tick_ms.p50),
                line("crowd p99", &crowd, |f| f.tick_ms.p99),
            ],
            None,
        ),
    ]
}

fn over_players(title: &str, unit: &str, series: Vec<Series>, mark: Option<(String, f64)>) -> Chart {
    Chart {
        title: title.to_owned(),
        x_label: "players".to_owned(),
        y_label: unit.to_owned(),
        series: series.into_iter().filter(|series| !series.points.is_empty()).collect(),
        marks: mark.map(|(label, y)| Mark { label, y }).into_iter().collect(),
        ..Chart::default()
    }
}

fn line(name: &str, attempts: &[&Attempt], figure: fn(&Figures) -> Option<f64>) -> Series {
    let point = |attempt: &&Attempt| Some((f64::from(attempt.players), figure(attempt.figures.as_ref()?)?));
    Series::new(name, attempts.iter().filter_map(point))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            judge::judge,
            model::{Ladder, Percentiles},
        },
        *,
    };

    #[test]
    fn an_empty_report_is_a_page_and_figures_are_drawn() {
        let mut report = Report::default();
        report.verdict = judge(&report);
        let empty = page(&report);
        assert!(
            empty.contains("Not everything was measured") && empty.contains("nothing measured"),
            "{empty}"
        );

        let step = |players: u32, cpu_us: f64| Attempt {
            players,
            figures: Some(Figures {
                joined: players,
                cpu_us_per_client_tick: Some(cpu_us),
                frame_gap_ms: Percentiles { p99: Some(60.0), ..Percentiles::default() },
                ..Figures::default()
            }),
            failure: None,
        };
        report.spread = Ladder { attempts: vec![step(250, 17.0), step(500, 18.0)], held: None };
        report.floor = Ladder { attempts: vec![Attempt::failed(250, &"a < b")], held: None };
        let page = page(&report);
        assert!(page.contains("spread: 18 at 500") && page.contains("a &lt; b"), "{page}");
    }
}
