//! Line charts as inline SVG, and the page around them: one file that needs nothing from elsewhere, in light and
//! dark. It knows numbers and labels; what they mean is the caller's business.

mod page;
mod scale;

use std::fmt::Write as _;

pub use page::{Card, Verdict, cards, charts, escape, page, verdict};
pub use scale::Scale;

use scale::Axis;

/// The drawing, in its own units; it grows and shrinks with the page.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
/// Where the plot lies in it.
const LEFT: f64 = 62.0;
const RIGHT: f64 = WIDTH - 18.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = HEIGHT - 44.0;
/// Ticks wished for.
const X_TICKS: usize = 8;
const Y_TICKS: usize = 5;
/// Above so many points a line has no dots: they would run into one another.
const DOTS_MAX: usize = 45;
/// Colours there are in the page's style; a ninth line has the first one's.
const COLOURS: usize = 8;
/// The width of a letter, near enough to set a legend.
const LETTER: f64 = 6.9;

/// A chart of lines over a common x.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// What is shown.
    pub title: String,
    /// What x is, and in what unit.
    pub x_label: String,
    /// What y is, and in what unit.
    pub y_label: String,
    /// How x runs.
    pub x_scale: Scale,
    /// The lines. Their y runs from 0, or from the least if that is below.
    pub series: Vec<Series>,
    /// Level lines, such as a limit.
    pub marks: Vec<Mark>,
}

/// One line of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// For the legend.
    pub name: String,
    /// In rising order of x. Where y is not a number, the line has a gap.
    pub points: Vec<(f64, f64)>,
}

/// A level line across a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// Written at the line.
    pub label: String,
    /// Where.
    pub y: f64,
}

impl Series {
    /// A line of this name.
    pub fn new(name: &str, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { name: name.to_owned(), points: points.into_iter().collect() }
    }
}

impl Chart {
    /// The chart as an `<svg>` element, styled by [`page`].
    pub fn svg(&self) -> String {
        let mut out = format!(
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
            escape(&self.title)
        );
        text(&mut out, "title", "start", 4.0, 16.0, &self.title);
        let points = || self.series.iter().flat_map(|series| &series.points);
        let drawn = points().filter(|(x, y)| self.x_scale.place(*x).is_finite() && y.is_finite());
        let (xs, ys): (Vec<_>, Vec<_>) = drawn.copied().unzip();
        if xs.is_empty() {
            text(&mut out, "none", "middle", (LEFT + RIGHT) / 2.0, (TOP + BOTTOM) / 2.0, "nothing measured");
            return out + "</svg>";
        }
        let x = Axis::fitted(self.x_scale, &xs, X_TICKS, (LEFT, RIGHT));
        let levels: Vec<f64> = ys.into_iter().chain(self.marks.iter().map(|mark| mark.y)).collect();
        let y = Axis::from_zero(&levels, Y_TICKS, (BOTTOM, TOP));
        self.frame(&mut out, &x, &y);
        for (index, series) in self.series.iter().enumerate() {
            self.line(&mut out, index, series, &x, &y);
        }
        for mark in &self.marks {
            let at = y.at(mark.y);
            let _ = write!(
                out,
                "<line class=\"mark\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>"
            );
            // Under the line where there is no room above it.
            let beside = if at < TOP + 16.0 { at + 14.0 } else { at - 5.0 };
            text(&mut out, "mark-label", "start", LEFT + 6.0, beside, &mark.label);
        }
        self.legend(&mut out);
        out + "</svg>"
    }

    /// Grid, ticks and the names of the axes.
    fn frame(&self, out: &mut String, x: &Axis, y: &Axis) {
        for (value, label) in y.ticks() {
            let at = y.at(value);
            let class = if value == 0.0 { "base" } else { "grid" };
            let _ = write!(
                out,
                "<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>"
            );
            text(out, "tick", "end", LEFT - 8.0, at + 4.0, &label);
        }
        for (value, label) in x.ticks() {
            let at = x.at(value);
            let low = BOTTOM + 5.0;
            let _ = write!(
                out,
                "<line class=\"base\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{BOTTOM}\" y2=\"{low}\"/>"
            );
            text(out, "tick", "middle", at, BOTTOM + 18.0, &label);
        }
        text(out, "axis", "end", RIGHT, HEIGHT - 6.0, &self.x_label);
        text(out, "axis", "start", 4.0, TOP - 12.0, &self.y_label);
    }

    fn line(&self, out: &mut String, index: usize, series: &Series, x: &Axis, y: &Axis) {
        let colour = index % COLOURS;
        for part in series
            .points
            .split(|(x_value, y_value)| !self.x_scale.place(*x_value).is_finite() || !y_value.is_finite())
        {
            let places: Vec<_> =
                part.iter().map(|(px, py)| format!("{:.1},{:.1}", x.at(*px), y.at(*py))).collect();
            let (Some(first), Some(last)) = (part.first(), part.last()) else { continue };
            if self.series.len() == 1 && part.len() > 1 {
                let (from, to, base) = (x.at(first.0), x.at(last.0), y.at(0.0));
                let _ = write!(
                    out,
                    "<path class=\"area c{colour}\" d=\"M{from:.1},{base:.1} L{} L{to:.1},{base:.1} Z\"/>",
                    places.join(" L")
                );
            }
            let _ = write!(out, "<polyline class=\"line c{colour}\" points=\"{}\"/>", places.join(" "));
        }
        let dots = if series.points.len() <= DOTS_MAX { "dot" } else { "spot" };
        for (px, py) in
            series.points.iter().filter(|(px, py)| self.x_scale.place(*px).is_finite() && py.is_finite())
        {
            // The browser shows the title of what is under the pointer.
            let _ = write!(
                out,
                "<circle class=\"{dots} c{colour}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.4\"><title>{}: {} at {}</title></circle>",
                x.at(*px),
                y.at(*py),
                escape(&series.name),
                scale::readable(*py),
                scale::readable(*px),
            );
        }
    }

    /// The lines' names, in a row that ends at the right.
    fn legend(&self, out: &mut String) {
        if self.series.len() < 2 {
            return;
        }
        let width = |series: &Series| 30.0 + LETTER * series.name.chars().count() as f64;
        let mut at = RIGHT - self.series.iter().map(width).sum::<f64>() + 8.0;
        for (index, series) in self.series.iter().enumerate() {
            let (level, end, colour) = (TOP - 16.0, at + 13.0, index % COLOURS);
            let _ = write!(
                out,
                "<line class=\"line c{colour}\" x1=\"{at:.1}\" x2=\"{end:.1}\" y1=\"{level}\" y2=\"{level}\"/>"
            );
            text(out, "key", "start", at + 18.0, TOP - 12.0, &series.name);
            at += width(series);
        }
    }
}

fn text(out: &mut String, class: &str, anchor: &str, x: f64, y: f64, words: &str) {
    let _ = write!(
        out,
        "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
        escape(words)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: &[(f64, f64)]) -> Chart {
        Chart { title: "A & B".into(), series: vec![Series::new("a", points.to_vec())], ..Chart::default() }
    }

    #[test]
    fn every_point_lies_in_the_plot() {
        let svg = chart(&[(0.0, 3.0), (7.0, 0.0), (13.0, 1234.5)]).svg();
        let attribute = |name: &str| -> Vec<f64> {
            let start = format!(" {name}=\"");
            svg.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect()
        };
        assert_eq!(attribute("cx").len(), 3);
        assert!(attribute("cx").iter().all(|x| (LEFT - 0.1..=RIGHT + 0.1).contains(x)), "{svg}");
        assert!(attribute("cy").iter().all(|y| (TOP - 0.1..=BOTTOM + 0.1).contains(y)), "{svg}");
    }

    #[test]
    fn a_chart_without_numbers_says_so_and_words_are_escaped() {
        for svg in [chart(&[]).svg(), chart(&[(0.0, f64::NAN)]).svg()] {
            assert!(svg.contains("nothing measured") && svg.contains("A &amp; B"), "{svg}");
        }
    }

    #[test]
    fn a_line_is_broken_where_there_is_no_number() {
        let svg = chart(&[(0.0, 1.0), (1.0, 2.0), (2.0, f64::NAN), (3.0, 1.0), (4.0, 1.0)]).svg();
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
