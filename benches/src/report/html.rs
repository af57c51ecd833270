//! A document as one HTML page that requests nothing from elsewhere, in light and dark.

use std::fmt::Write as _;

use super::{Check, Content, Document, Figure, Section, Table, Tone, chart::escape};

/// The whole page.
pub fn html(document: &Document) -> String {
    let Document { title, lead, verdict, sections } = document;
    let sections: String = sections.iter().map(section).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · Emberdrift</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n<p class=\"lead\">{lead}</p>\n\
         <p class=\"verdict {tone}\"><strong>{word}</strong> <span>{sentence}</span></p>\n\
         {sections}</main>\n</body>\n</html>\n",
        title = escape(title),
        lead = escape(lead),
        tone = class(verdict.tone),
        word = escape(&verdict.word),
        sentence = escape(&verdict.sentence),
    )
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Doubtful => "doubtful",
        Tone::Bad => "bad",
    }
}

fn section(section: &Section) -> String {
    if section.content.is_empty() && section.note.is_empty() {
        return String::new();
    }
    let mut out = format!("<h2>{}</h2>\n", escape(&section.title));
    if !section.content.is_empty() {
        match &section.content {
            Content::Figures(figures) => out += &cards(figures),
            Content::Checks(checks) => {
                out += &table(&Check::HEAD, &checks.iter().map(check).collect::<String>());
            }
            Content::Table(Table { head, rows }) => {
                out += &table(head, &rows.iter().map(|cells| row("", "td", cells)).collect::<String>());
            }
            Content::Charts(charts) => {
                let figures = charts.iter().map(|chart| format!("<figure>{}</figure>\n", chart.svg()));
                let _ = writeln!(out, "<div class=\"charts\">\n{}</div>", figures.collect::<String>());
            }
        }
    }
    if !section.note.is_empty() {
        let _ = writeln!(out, "<p class=\"lead\">{}</p>", escape(&section.note));
    }
    out
}

fn cards(figures: &[Figure]) -> String {
    let card = |Figure { name, value, note }: &Figure| {
        let [name, value, note] = [name, value, note].map(|text| escape(text));
        format!(
            "<div class=\"card\"><h3>{name}</h3><p class=\"value\">{value}</p><p class=\"note\">{note}</p></div>\n"
        )
    };
    format!("<div class=\"cards\">\n{}</div>\n", figures.iter().map(card).collect::<String>())
}

fn check(check: &Check) -> String {
    row(class(check.outcome.tone()), "td", &check.cells())
}

fn table(head: &[impl AsRef<str>], rows: &str) -> String {
    format!("<div class=\"wide\"><table>\n{}{rows}</table></div>\n", row("", "th", head))
}

/// `class` is empty for all rows but those of checks.
fn row(class: &str, tag: &str, cells: &[impl AsRef<str>]) -> String {
    let cells = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell.as_ref())));
    format!("<tr class=\"{class}\">{}</tr>\n", cells.collect::<String>())
}

/// The colours can be told apart by people who do not see red and green, on a light and on a dark ground.
const STYLE: &str = "
:root{color-scheme:light dark;--ground:#f5f6f8;--card:#fff;--edge:#e1e4ea;--ink:#1b2130;--soft:#626c80;--grid:#e9ecf1;
--c0:#2563c9;--c1:#d9660a;--c2:#0f8f78;--c3:#a8398f;--c4:#8a6d00;--c5:#5b5bd6;--c6:#b3261e;--c7:#5a6577;
--good:#0f7a4d;--doubtful:#9a5b00;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ground:#0f131b;--card:#171d28;--edge:#263041;--ink:#e8ecf4;--soft:#94a0b8;
--grid:#222b3a;--c0:#6ea8ff;--c1:#ffa04d;--c2:#3fd0b2;--c3:#e58bd0;--c4:#dcc04a;--c5:#a5a5ff;--c6:#ff8a80;--c7:#a9b4c8;
--good:#4cd394;--doubtful:#f2b34d;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif;
font-variant-numeric:tabular-nums}
main{max-width:1240px;margin:0 auto;padding:32px 24px 48px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:17px;margin:32px 0 12px}
.lead{margin:0 0 20px;color:var(--soft)}
.verdict{margin:0 0 24px;padding:14px 18px;border-radius:10px;background:var(--card);border:1px solid var(--edge);
border-left:5px solid var(--tone)}
.verdict strong{color:var(--tone);font-size:17px;margin-right:6px}
.good{--tone:var(--good)}.doubtful{--tone:var(--doubtful)}.bad{--tone:var(--bad)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px;margin-bottom:12px}
.card,figure{background:var(--card);border:1px solid var(--edge);border-radius:10px}
.card{padding:12px 14px}
.card h3{margin:0;white-space:nowrap;font-size:13px;font-weight:500;color:var(--soft)}
.card p{margin:0}
.card .value{font-size:22px;font-weight:600;line-height:1.4;letter-spacing:-.01em;white-space:nowrap}
.card .note{font-size:13px;color:var(--soft);min-height:1.5em}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(480px,100%),1fr));gap:12px}
figure{margin:0;padding:14px 14px 8px}
.wide{overflow-x:auto}
table{border-collapse:collapse;background:var(--card);border:1px solid var(--edge);font-size:14px}
th,td{padding:6px 14px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
th{color:var(--soft);font-weight:500}
th:first-child,td:first-child{text-align:left}
:is(.good,.doubtful,.bad)>td:nth-child(4){color:var(--tone);font-weight:600}
:is(.good,.doubtful,.bad)>td:last-child{white-space:normal;text-align:left}
svg.chart{display:block;width:100%;height:auto;font-size:12px}
.chart text{fill:var(--soft)}
.chart .title{fill:var(--ink);font-size:15px;font-weight:600}
.chart .none{font-size:14px}
.chart .grid{stroke:var(--grid)}
.chart .base{stroke:var(--soft);stroke-opacity:.6}
.chart .line{fill:none;stroke:var(--tone);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.chart .area{fill:var(--tone);fill-opacity:.1}
.chart .dot{fill:var(--tone)}
.chart .spot{fill:transparent}
.chart circle:hover{fill:var(--tone);stroke:var(--tone);stroke-width:4}
.chart .mark{stroke:var(--bad);stroke-dasharray:5 4}
.chart text.mark-label{fill:var(--bad);paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
.c0{--tone:var(--c0)}.c1{--tone:var(--c1)}.c2{--tone:var(--c2)}.c3{--tone:var(--c3)}
.c4{--tone:var(--c4)}.c5{--tone:var(--c5)}.c6{--tone:var(--c6)}.c7{--tone:var(--c7)}
@media print{body{background:#fff}main{padding:0}figure,.card{break-inside:avoid}}
";

#[cfg(test)]
mod tests {
    use super::{
        super::{Chart, Direction, Verdict},
        *,
    };

    #[test]
    fn page_is_self_contained_and_escapes_its_texts() {
        let verdict = Verdict { tone: Tone::Bad, word: "Failed.".into(), sentence: "a < b".into() };
        let check = Check::new("c", Direction::AtMost, 1.0, Ok((2.0, "<note>".to_owned())));
        let sections = vec![
            Section::new("Players", Content::Figures(vec![Figure::new("<x>", "1", "")])),
            Section::new("Checks", Content::Checks(vec![check])),
            Section::new("Charts", Content::Charts(vec![Chart::default()])),
            Section::new("Nothing", Content::Figures(Vec::new())),
        ];
        let page = html(&Document { title: "\"run\"".into(), lead: "for 2 s".into(), verdict, sections });
        for part in ["a &lt; b", "&lt;x&gt;", "&quot;run&quot;", "&lt;note&gt;", "<tr class=\"bad\">", "<svg"]
        {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("http") && !page.contains("url(") && !page.contains("Nothing"), "{page}");
    }
}
