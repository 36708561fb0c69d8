//! One geometric motif per genre, drawn into a square of 240 units. Circles, bars, triangles
//! and arcs in two colours; what varies is thrown by the film's dice.
//!
//! Some genres have several motifs, so that a page of them is not one picture many times.

mod bright;
mod close;
mod dark;
mod far;
mod fast;
mod past;

use std::fmt::Write;

use super::Dice;
use super::palette::Palette;

const MIDDLE: f32 = 120.0;

pub fn draw(genre: &str, palette: &Palette, dice: &mut Dice) -> String {
    let mut canvas = Canvas {
        svg: String::with_capacity(2_000),
        palette,
    };
    match genre {
        "action" => fast::action(&mut canvas, dice),
        "adventure" => far::adventure(&mut canvas, dice),
        "animation" => bright::animation(&mut canvas, dice),
        "comedy" => bright::comedy(&mut canvas, dice),
        "crime" => dark::crime(&mut canvas, dice),
        "documentary" => past::documentary(&mut canvas, dice),
        "family" => bright::family(&mut canvas, dice),
        "fantasy" => past::fantasy(&mut canvas, dice),
        "history" => past::history(&mut canvas, dice),
        "horror" => dark::horror(&mut canvas, dice),
        "music" => close::music(&mut canvas, dice),
        "mystery" => dark::mystery(&mut canvas, dice),
        "romance" => close::romance(&mut canvas, dice),
        "science-fiction" => far::science_fiction(&mut canvas, dice),
        "thriller" => fast::thriller(&mut canvas, dice),
        "tv-movie" => bright::tv_movie(&mut canvas, dice),
        "war" => fast::war(&mut canvas, dice),
        "western" => far::western(&mut canvas, dice),
        _ => close::drama(&mut canvas, dice),
    }
    canvas.svg
}

struct Canvas<'a> {
    svg: String,
    palette: &'a Palette,
}

/// Writing to a String can't fail.
impl Canvas<'_> {
    fn circle(&mut self, x: f32, y: f32, radius: f32, fill: &str) {
        let _ = write!(
            self.svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{fill}\"/>"
        );
    }

    fn ring(&mut self, x: f32, y: f32, radius: f32, width: f32, stroke: &str) {
        let _ = write!(
            self.svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{width:.1}\"/>"
        );
    }

    fn bar(&mut self, x: f32, y: f32, width: f32, height: f32, fill: &str) {
        let _ = write!(
            self.svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"/>"
        );
    }

    fn shape(&mut self, points: &[(f32, f32)], fill: &str) {
        self.svg.push_str("<polygon points=\"");
        for (x, y) in points {
            let _ = write!(self.svg, "{x:.1},{y:.1} ");
        }
        let _ = write!(self.svg, "\" fill=\"{fill}\"/>");
    }

    fn path(&mut self, path: &str, fill: &str) {
        let _ = write!(self.svg, "<path d=\"{path}\" fill=\"{fill}\"/>");
    }

    /// Whatever is drawn inside, seen through.
    fn veil(&mut self, opacity: f32, draw: impl FnOnce(&mut Self)) {
        let _ = write!(self.svg, "<g opacity=\"{opacity}\">");
        draw(self);
        self.svg.push_str("</g>");
    }

    fn turned(&mut self, degrees: f32, draw: impl FnOnce(&mut Self)) {
        let _ = write!(
            self.svg,
            "<g transform=\"rotate({degrees:.1} {MIDDLE} {MIDDLE})\">"
        );
        draw(self);
        self.svg.push_str("</g>");
    }
}
