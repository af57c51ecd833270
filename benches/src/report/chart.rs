//! Line charts as inline SVG, drawn by hand: `charming` needs a megabyte of JavaScript in the page or from elsewhere,
//! and `plotters` knows neither the page's colours (light and dark) nor a percentile axis, which would remain here.

use std::fmt::Write as _;

use super::{Scale, axis::Axis, numbers::readable};

/// The drawing, in its own units; it grows and shrinks with the page.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
/// The plot inside it.
const LEFT: f64 = 62.0;
const RIGHT: f64 = WIDTH - 18.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = HEIGHT - 44.0;
const X_TICKS: usize = 8;
const Y_TICKS: usize = 5;
/// A line with more points is drawn with the highest of each few.
const POINTS_MAX: usize = 400;
/// A line with more points has no visible dots: they would run into one another.
const DOTS_MAX: usize = 45;
/// Colours in the page's style; a ninth line has the first one's.
const COLOURS: usize = 8;
/// The width of a letter, near enough to set a legend.
const LETTER: f64 = 6.9;

/// Lines over a common x.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    pub title: String,
    /// What x is, and in what unit.
    pub x_label: String,
    /// What y is, and in what unit. It runs from 0, or from the least value if that is below.
    pub y_label: String,
    pub x_scale: Scale,
    pub series: Vec<Series>,
    pub marks: Vec<Mark>,
}

/// One line of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// For the legend.
    pub name: String,
    /// In rising order of x. Where y is not finite, the line has a gap.
    points: Vec<(f64, f64)>,
}

/// A level line across a chart, such as a limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    pub label: String,
    pub y: f64,
}

impl Series {
    /// Points without a value are gaps. Long lines are thinned to their peaks.
    pub fn new(name: &str, points: impl IntoIterator<Item = (f64, Option<f64>)>) -> Self {
        let points: Vec<_> = points.into_iter().map(|(x, y)| (x, y.unwrap_or(f64::NAN))).collect();
        let together = points.len().div_ceil(POINTS_MAX).max(1);
        let highest = |a: (f64, f64), b: (f64, f64)| if b.1 > a.1 || a.1.is_nan() { b } else { a };
        let points = points.chunks(together).filter_map(|few| few.iter().copied().reduce(highest)).collect();
        Self { name: name.to_owned(), points }
    }

    pub fn has_values(&self) -> bool {
        self.points.iter().any(|(_, y)| y.is_finite())
    }
}

impl Chart {
    /// A chart with a linear x. Series without any value are left out.
    pub fn new(title: &str, x_label: &str, y_label: &str, series: Vec<Series>) -> Self {
        Self {
            title: title.to_owned(),
            x_label: x_label.to_owned(),
            y_label: y_label.to_owned(),
            series: series.into_iter().filter(Series::has_values).collect(),
            ..Self::default()
        }
    }

    /// With a level line, if it lies above 0.
    pub fn marked(mut self, label: &str, y: f64) -> Self {
        self.marks.extend((y > 0.0).then(|| Mark { label: label.to_owned(), y }));
        self
    }

    /// The chart as an `<svg>` element, styled by the page around it.
    pub(super) fn svg(&self) -> String {
        let mut out = format!(
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
            escape(&self.title)
        );
        text(&mut out, "title", "start", (4.0, 16.0), &self.title);
        let points = self.series.iter().flat_map(|series| &series.points);
        let (xs, mut ys): (Vec<_>, Vec<_>) = points.filter(|point| self.is_drawn(point)).copied().unzip();
        if xs.is_empty() {
            let middle = ((LEFT + RIGHT) / 2.0, (TOP + BOTTOM) / 2.0);
            text(&mut out, "none", "middle", middle, "nothing measured");
            return out + "</svg>";
        }
        ys.extend(self.marks.iter().map(|mark| mark.y));
        let x = Axis::fitted(self.x_scale, &xs, X_TICKS, (LEFT, RIGHT));
        let y = Axis::from_zero(&ys, Y_TICKS, (BOTTOM, TOP));
        self.axes(&mut out, &x, &y);
        for (index, series) in self.series.iter().enumerate() {
            self.line(&mut out, index % COLOURS, series, &x, &y);
        }
        for mark in &self.marks {
            let at = y.at(mark.y);
            level(&mut out, "mark", at);
            // Under the line where there is no room above it.
            let beside = if at < TOP + 16.0 { at + 14.0 } else { at - 5.0 };
            text(&mut out, "mark-label", "start", (LEFT + 6.0, beside), &mark.label);
        }
        self.legend(&mut out);
        out + "</svg>"
    }

    fn is_drawn(&self, (x, y): &(f64, f64)) -> bool {
        self.x_scale.place(*x).is_finite() && y.is_finite()
    }

    fn axes(&self, out: &mut String, x: &Axis, y: &Axis) {
        for (value, label) in y.ticks() {
            let at = y.at(value);
            level(out, if value == 0.0 { "base" } else { "grid" }, at);
            text(out, "tick", "end", (LEFT - 8.0, at + 4.0), &label);
        }
        for (value, label) in x.ticks() {
            let at = x.at(value);
            stroke(out, "base", (at, BOTTOM), (at, BOTTOM + 5.0));
            text(out, "tick", "middle", (at, BOTTOM + 18.0), &label);
        }
        text(out, "axis", "end", (RIGHT, HEIGHT - 6.0), &self.x_label);
        text(out, "axis", "start", (4.0, TOP - 12.0), &self.y_label);
    }

    fn line(&self, out: &mut String, colour: usize, series: &Series, x: &Axis, y: &Axis) {
        for part in series.points.split(|point| !self.is_drawn(point)) {
            let (Some(first), Some(last)) = (part.first(), part.last()) else { continue };
            let places: Vec<_> =
                part.iter().map(|(px, py)| format!("{:.1},{:.1}", x.at(*px), y.at(*py))).collect();
            if self.series.len() == 1 && part.len() > 1 {
                let (from, to, base) = (x.at(first.0), x.at(last.0), y.at(0.0));
                let places = places.join(" L");
                let path = format!("M{from:.1},{base:.1} L{places} L{to:.1},{base:.1} Z");
                let _ = write!(out, "<path class=\"area c{colour}\" d=\"{path}\"/>");
            }
            let _ = write!(out, "<polyline class=\"line c{colour}\" points=\"{}\"/>", places.join(" "));
        }
        let class = if series.points.len() <= DOTS_MAX { "dot" } else { "spot" };
        for point in series.points.iter().filter(|point| self.is_drawn(point)) {
            let (at, level) = (x.at(point.0), y.at(point.1));
            let (name, px, py) = (escape(&series.name), readable(point.0), readable(point.1));
            // The browser shows the title of what is under the pointer.
            let _ = write!(
                out,
                "<circle class=\"{class} c{colour}\" cx=\"{at:.1}\" cy=\"{level:.1}\" r=\"2.4\">\
                 <title>{name}: {py} at {px}</title></circle>"
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
            let class = format!("line c{}", index % COLOURS);
            stroke(out, &class, (at, TOP - 16.0), (at + 13.0, TOP - 16.0));
            text(out, "key", "start", (at + 18.0, TOP - 12.0), &series.name);
            at += width(series);
        }
    }
}

/// Makes text safe to stand in HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn level(out: &mut String, class: &str, y: f64) {
    stroke(out, class, (LEFT, y), (RIGHT, y));
}

fn stroke(out: &mut String, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let _ =
        write!(out, "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>");
}

fn text(out: &mut String, class: &str, anchor: &str, (x, y): (f64, f64), words: &str) {
    let words = escape(words);
    let _ = write!(
        out,
        "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(points: &[(f64, f64)]) -> String {
        let series = Series::new("a", points.iter().map(|(x, y)| (*x, Some(*y))));
        Chart { title: "A & B".into(), series: vec![series], ..Chart::default() }.svg()
    }

    #[test]
    fn every_point_lies_in_the_plot() {
        let svg = svg(&[(0.0, 3.0), (7.0, 0.0), (13.0, 1234.5)]);
        let attribute = |name: &str| -> Vec<f64> {
            let start = format!(" {name}=\"");
            svg.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect()
        };
        assert_eq!(attribute("cx").len(), 3);
        assert!(attribute("cx").iter().all(|x| (LEFT - 0.1..=RIGHT + 0.1).contains(x)), "{svg}");
        assert!(attribute("cy").iter().all(|y| (TOP - 0.1..=BOTTOM + 0.1).contains(y)), "{svg}");
    }

    #[test]
    fn empty_chart_says_so_and_text_is_escaped() {
        for svg in [svg(&[]), svg(&[(0.0, f64::NAN)])] {
            assert!(svg.contains("nothing measured") && svg.contains("A &amp; B"), "{svg}");
        }
    }

    #[test]
    fn line_is_broken_where_there_is_no_value() {
        let svg = svg(&[(0.0, 1.0), (1.0, 2.0), (2.0, f64::NAN), (3.0, 1.0), (4.0, 1.0)]);
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn long_series_is_thinned_to_its_peaks() {
        let long = Series::new("x", (0..10_000).map(|n| (f64::from(n), Some(f64::from(n % 100)))));
        assert_eq!(long.points.len(), POINTS_MAX);
        assert_eq!(long.points.iter().map(|(_, y)| *y).fold(0.0, f64::max), 99.0);
    }
}
