//! The minimap: rocks, blocks, crowds, the leader and the own ship; and the marks that point to a leader and to friends out of sight.

use core::f64::consts::TAU;

use shared::{
    Vec2,
    game::{mode::Team, terrain::Terrain},
};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement};

use crate::{
    game::{
        page::{
            compass::{Compass, CompassMark, FRIENDS_MAX},
            minimap::{MinimapCanvas, MinimapOutline},
            palette, teams,
        },
        scene::{Life, Minimap},
    },
    web::shell::dom::{Binding, Result, context_2d, element, resize_canvas, window},
};

/// The minimap's canvas.
pub(crate) struct MinimapView {
    canvas: HtmlCanvasElement,
    pen: CanvasRenderingContext2d,
    outline: MinimapOutline,
    last: Option<(Minimap, MinimapCanvas)>,
}

impl MinimapView {
    pub(crate) fn new() -> Result<Self> {
        let canvas: HtmlCanvasElement = element("minimap")?;
        Ok(Self { pen: context_2d(&canvas)?, canvas, outline: MinimapOutline::default(), last: None })
    }

    /// Shows this arena from now on.
    pub(crate) fn enter(&mut self, terrain: &Terrain) {
        self.outline = MinimapOutline::of(terrain.arena());
        self.last = None;
    }

    /// Draws it, if anything changed.
    pub(crate) fn draw(&mut self, map: &Minimap) -> Result<()> {
        let (width, height) = (self.canvas.client_width(), self.canvas.client_height());
        let canvas = MinimapCanvas::fit(width, height, window()?.device_pixel_ratio());
        let now = (map.clone(), canvas);
        if self.last.as_ref() == Some(&now) {
            return Ok(());
        }
        resize_canvas(&self.canvas, canvas.width, canvas.height);
        self.pen.clear_rect(0.0, 0.0, canvas.width.into(), canvas.height.into());
        self.draw_outline(canvas)?;
        self.draw_crowds(map, canvas)?;
        for (ship, team) in &map.ships {
            self.draw_sign(*ship, *team, canvas);
        }
        if let Some(leader) = map.beacon {
            self.draw_leader(leader, canvas);
        }
        for friend in &map.friends {
            self.draw_friend(*friend, canvas)?;
        }
        if let Some(own) = map.own {
            self.draw_own(own, map.own_team, canvas)?;
        }
        self.last = Some(now);
        Ok(())
    }

    fn draw_outline(&self, canvas: MinimapCanvas) -> Result<()> {
        self.pen.set_fill_style_str("rgba(130,155,215,0.20)");
        for (middle, radius) in &self.outline.rocks {
            self.disc(canvas.place(*middle), canvas.length(*radius).max(0.8))?;
        }
        self.pen.set_fill_style_str("rgba(130,155,215,0.42)");
        for (corner, size) in &self.outline.blocks {
            let ((x, y), (width, height)) = (canvas.place(*corner), canvas.span(*size));
            self.pen.fill_rect(x, y, width.max(canvas.ratio), height.max(canvas.ratio));
        }
        Ok(())
    }

    fn draw_crowds(&self, map: &Minimap, canvas: MinimapCanvas) -> Result<()> {
        for (middle, ships) in &map.crowds {
            let (radius, opacity) = canvas.crowd(*ships);
            self.pen.set_fill_style_str(&format!("rgba(255,150,96,{opacity:.2})"));
            self.disc(canvas.place(*middle), radius)?;
        }
        Ok(())
    }

    /// A four-pointed star: not only a colour, but a shape of its own.
    fn draw_leader(&self, leader: Vec2, canvas: MinimapCanvas) {
        self.pen.set_stroke_style_str("#ffd65c");
        self.pen.set_line_width(canvas.dot() * 0.7);
        let ((x, y), reach) = (canvas.place(leader), canvas.dot() * 3.0);
        self.pen.begin_path();
        for (dx, dy) in [(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)] {
            self.pen.line_to(x + dx * reach, y + dy * reach);
        }
        self.pen.stroke();
    }

    /// A ring: friends are not only a colour.
    fn draw_friend(&self, friend: Vec2, canvas: MinimapCanvas) -> Result<()> {
        let (x, y) = canvas.place(friend);
        self.pen.set_stroke_style_str("#7dffb0");
        self.pen.set_line_width(canvas.dot() * 0.9);
        self.pen.begin_path();
        self.pen.arc(x, y, canvas.dot() * 2.0, 0.0, TAU)?;
        self.pen.stroke();
        Ok(())
    }

    /// A ship of a team: its sign in its colour.
    fn draw_sign(&self, ship: Vec2, team: Team, canvas: MinimapCanvas) {
        self.pen.set_fill_style_str(&palette::css(teams::colour(team)));
        let ((x, y), reach) = (canvas.place(ship), canvas.dot() * 1.9);
        self.pen.begin_path();
        for (dx, dy) in teams::outline(team) {
            self.pen.line_to(x + dx * reach, y + dy * reach);
        }
        self.pen.fill();
    }

    /// A dot, in the colour of its team if it has one, and the edges of what the player sees.
    fn draw_own(&self, own: Vec2, team: Option<Team>, canvas: MinimapCanvas) -> Result<()> {
        let ((x, y), (half_x, half_y)) = (canvas.place(own), canvas.span(self.outline.view_half));
        self.pen.set_stroke_style_str("rgba(127,227,255,0.38)");
        self.pen.set_line_width(canvas.ratio);
        self.pen.stroke_rect(x - half_x, y - half_y, half_x * 2.0, half_y * 2.0);
        self.pen.set_fill_style_str("#bff3ff");
        if let Some(team) = team {
            // White around it, because ships of its team have its colour too.
            self.disc((x, y), canvas.dot() * 2.4)?;
            self.pen.set_fill_style_str(&palette::css(teams::colour(team)));
        }
        self.disc((x, y), canvas.dot() * 1.9)
    }

    fn disc(&self, (x, y): (f64, f64), radius: f64) -> Result<()> {
        self.pen.begin_path();
        self.pen.arc(x, y, radius, 0.0, TAU)?;
        self.pen.fill();
        Ok(())
    }
}

/// The marks on the page that point to the leader and to friends.
pub(crate) struct CompassView {
    compass: Compass,
    leader: MarkView,
    friends: [MarkView; FRIENDS_MAX],
}

impl CompassView {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            compass: Compass::default(),
            leader: MarkView::new("compass")?,
            friends: [MarkView::new("friend-0")?, MarkView::new("friend-1")?, MarkView::new("friend-2")?],
        })
    }

    /// Points in this arena from now on.
    pub(crate) fn enter(&mut self, terrain: &Terrain) {
        self.compass = Compass::of(terrain.arena());
    }

    pub(crate) fn update(&mut self, map: &Minimap, life: &Life) -> Result<()> {
        self.leader.show(self.compass.leader(map, life))?;
        let marks = self.compass.friends(map, life);
        self.friends.iter_mut().zip(marks).try_for_each(|(view, mark)| view.show(mark))
    }
}

/// One of them.
struct MarkView {
    element: HtmlElement,
    visible: Binding<bool>,
}

impl MarkView {
    fn new(id: &str) -> Result<Self> {
        Ok(Self { element: element(id)?, visible: Binding::by_id(id)? })
    }

    fn show(&mut self, mark: Option<CompassMark>) -> Result<()> {
        if let Some(CompassMark { left, top, turn_radians }) = mark {
            let place = format!("translate({left:.1}vw, {top:.1}vh) rotate({turn_radians:.2}rad)");
            self.element.style().set_property("transform", &place)?;
        }
        self.visible.visible(mark.is_some());
        Ok(())
    }
}
