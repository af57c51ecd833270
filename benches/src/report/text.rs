//! A document as text for a terminal and as Markdown. Neither shows charts.

use std::fmt::Write as _;

use super::{Check, Content, Document, Section, Table};

/// Where a figure's value stands on its line.
const VALUE_COLUMN: usize = 26;

/// The document for a terminal: its verdict comes last, where a reader looks first.
pub fn text(document: &Document) -> String {
    let mut out = format!("{}\n{}\n", document.title, document.lead);
    for section in document.sections.iter().filter(|section| is_shown(section)) {
        let _ = writeln!(out, "\n{}", section.title);
        match &section.content {
            Content::Figures(figures) => {
                for figure in figures {
                    let line = format!("{:<VALUE_COLUMN$}{}  {}", figure.name, figure.value, figure.note);
                    let _ = writeln!(out, "  {}", line.trim_end());
                }
            }
            content => out += &aligned(&as_table(content)),
        }
        if !section.note.is_empty() {
            let _ = writeln!(out, "  {}", section.note);
        }
    }
    let _ = writeln!(out, "\n{} {}", document.verdict.word, document.verdict.sentence);
    out
}

/// The document as compact tables, to be read as they are and to be pasted.
pub fn markdown(document: &Document) -> String {
    let mut out = format!("{}\n\n", document.lead);
    for section in document.sections.iter().filter(|section| is_shown(section)) {
        let _ = writeln!(out, "**{}**\n", section.title);
        let table = as_table(&section.content);
        if !table.rows.is_empty() {
            out += &row(&table.head);
            out += &row(&vec!["---".to_owned(); table.head.len()]);
            out.extend(table.rows.iter().map(|cells| row(cells)));
            out.push('\n');
        }
        if !section.note.is_empty() {
            let _ = writeln!(out, "{}\n", section.note.replace('\n', " "));
        }
    }
    out
}

/// The head of a table of checks in Markdown, for programs that print each check as soon as it is known.
pub fn check_rows_head() -> String {
    row(&Check::HEAD.map(str::to_owned)) + &row(&Check::HEAD.map(|_| "---".to_owned()))
}

/// A check's row below [`check_rows_head`].
pub fn check_row(check: &Check) -> String {
    row(&check.cells())
}

fn is_shown(section: &Section) -> bool {
    let is_empty = section.content.is_empty() && section.note.is_empty();
    !is_empty && !matches!(section.content, Content::Charts(_))
}

fn row(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn as_table(content: &Content) -> Table {
    let head = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    match content {
        Content::Figures(figures) => {
            let cells = figures.iter().map(|it| vec![it.name.clone(), it.value.clone(), it.note.clone()]);
            Table { head: head(&["figure", "measured", ""]), rows: cells.collect() }
        }
        Content::Checks(checks) => Table {
            head: head(&Check::HEAD),
            rows: checks.iter().map(|check| check.cells().into()).collect(),
        },
        Content::Table(table) => table.clone(),
        Content::Charts(_) => Table::default(),
    }
}

/// Columns under one another, the first one left-aligned and the last one as long as it is.
fn aligned(table: &Table) -> String {
    let rows = || std::iter::once(&table.head).chain(&table.rows);
    let width = |column: usize| rows().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<_> = (0..table.head.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("  {}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Chart, Direction, Figure, Tone, Verdict},
        *,
    };

    fn document() -> Document {
        let check = Check::new("a|b", Direction::AtMost, 1.5, Ok((1.234, "from\nhere".to_owned())));
        let table =
            Table { head: vec!["N".into(), "ms".into()], rows: vec![vec!["1000".into(), "5".into()]] };
        let mut broken = Section::new("Broken", Content::Table(Table::default()));
        broken.note = "500: it broke".to_owned();
        let verdict = Verdict { tone: Tone::Good, word: "Passed.".into(), sentence: "All of it.".into() };
        let sections = vec![
            Section::new("Players", Content::Figures(vec![Figure::new("gap p99", "55.0 ms", "p50 50.1")])),
            Section::new("Checks", Content::Checks(vec![check])),
            Section::new("Steps", Content::Table(table)),
            Section::new("Charts", Content::Charts(vec![Chart::default()])),
            Section::new("Nothing", Content::Table(Table::default())),
            broken,
        ];
        Document { title: "A run".into(), lead: "for 2 s".into(), verdict, sections }
    }

    #[test]
    fn text_has_every_figure_and_ends_with_the_verdict() {
        let text = text(&document());
        assert!(text.starts_with("A run\nfor 2 s\n") && text.ends_with("\nPassed. All of it.\n"), "{text}");
        assert!(text.contains("  gap p99                   55.0 ms  p50 50.1\n"), "{text}");
        assert!(text.contains("  N     ms\n  1000  5\n") && text.contains("  500: it broke\n"), "{text}");
        assert!(!text.contains("Charts") && !text.contains("Nothing"), "{text}");
    }

    #[test]
    fn markdown_tables_are_whole() {
        let text = markdown(&document());
        assert!(text.contains("| a\\|b | 1.23 | ≤ 1.50 | pass | from here |"), "{text}");
        assert!(text.contains("**Broken**\n\n500: it broke\n"), "{text}");
        for block in text.split("\n\n").filter(|block| block.starts_with('|')) {
            let cells = |line: &str| line.replace("\\|", "").matches('|').count();
            let first = cells(block.lines().next().unwrap());
            assert!(block.lines().all(|line| cells(line) == first), "{block}");
        }
    }
}
