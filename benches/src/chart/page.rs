//! The page that charts stand on: its style, a verdict, figures on cards. Knows HTML; no numbers.

use std::fmt::Write as _;

/// What a page says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Not to be relied upon.
    Doubtful,
    /// Not as it should be.
    Bad,
}

/// One figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// What it is.
    pub name: String,
    /// The figure, with its unit.
    pub value: String,
    /// What else there is to say of it; may be empty.
    pub note: String,
}

impl Card {
    /// A figure and what else there is to say of it.
    pub fn new(name: &str, value: impl Into<String>, note: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: value.into(), note: note.into() }
    }
}

/// Makes text safe to stand in HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A whole page. `body` is HTML.
pub fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        escape(title)
    )
}

/// A line that says in colour how it went: a word, and a sentence.
pub fn verdict(verdict: Verdict, word: &str, sentence: &str) -> String {
    let class = match verdict {
        Verdict::Good => "good",
        Verdict::Doubtful => "doubtful",
        Verdict::Bad => "bad",
    };
    format!(
        "<p class=\"verdict {class}\"><strong>{}</strong> <span>{}</span></p>\n",
        escape(word),
        escape(sentence)
    )
}

/// Figures side by side.
pub fn cards(cards: &[Card]) -> String {
    let mut out = "<div class=\"cards\">\n".to_owned();
    for Card { name, value, note } in cards {
        let _ = writeln!(
            out,
            "<div class=\"card\"><h3>{}</h3><p class=\"value\">{}</p><p class=\"note\">{}</p></div>",
            escape(name),
            escape(value),
            escape(note)
        );
    }
    out + "</div>\n"
}

/// Charts side by side, as many as there is room for. Each is an `<svg>`.
pub fn charts(svgs: &[String]) -> String {
    let figures: String = svgs.iter().map(|svg| format!("<figure>{svg}</figure>\n")).collect();
    format!("<div class=\"charts\">\n{figures}</div>\n")
}

/// The colours hold for those who cannot tell red from green, and on either ground.
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
    use super::*;

    #[test]
    fn a_page_needs_nothing_from_elsewhere_and_escapes_what_it_is_given() {
        let body = verdict(Verdict::Bad, "Failed", "a < b") + &cards(&[Card::new("<x>", "1", "")]);
        let page = page("\"run\"", &body);
        assert!(page.contains("a &lt; b") && page.contains("&lt;x&gt;") && page.contains("&quot;run&quot;"));
        assert!(!page.contains("http") && !page.contains("url("), "{page}");
    }
}
