//! Our own posters: a flat ground, one geometric motif by genre, the title set below or above
//! it, the year. Drawn as SVG with presentation attributes alone (no style attributes, no ids,
//! no scripts), so that any number of them fits on a page under a strict policy. The same film
//! always gets the same poster.

mod lettering;
mod motifs;
mod palette;

use std::fmt::Write;

use maud::{Escaper, Markup, PreEscaped};

use lettering::Lettering;
use palette::Palette;

/// The drawing is 240 units wide and 360 high: a band for title and year, the rest for the motif.
const WIDTH: f32 = 240.0;
const HEIGHT: f32 = 360.0;
const BAND: f32 = 128.0;
const MARGIN: f32 = 18.0;
/// The year with the space between it and the title.
const YEAR: f32 = 19.0;

pub struct Poster<'a> {
    pub title: &'a str,
    pub year: Option<i16>,
    /// The slug of the film's first genre; an unknown one gets the motif of drama.
    pub genre: &'a str,
    /// What makes this film's poster its own, and never changes: the film's key.
    pub seed: &'a str,
}

impl Poster<'_> {
    /// Its title stands in text beside it: it is hidden from screen readers.
    pub fn draw(&self) -> Markup {
        let mut dice = Dice::new(self.seed);
        let palette = Palette::one_of(self.genre, &mut dice);
        let title_on_top = dice.below(4) == 0;
        let is_serif = dice.coin();
        let motif = motifs::draw(self.genre, palette, &mut dice);

        let mut svg = String::with_capacity(3_000);
        // A motif reaches the edge that is away from the title.
        let height = HEIGHT - BAND;
        let (y, crop) = if title_on_top {
            (BAND, WIDTH - height)
        } else {
            (0.0, 0.0)
        };
        // Writing to a String can't fail.
        let _ = write!(
            svg,
            "<svg class=\"poster\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" aria-hidden=\"true\">\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{ground}\"/>\
             <svg y=\"{y}\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 {crop} {WIDTH} {height}\">\
             {motif}</svg>",
            ground = palette.ground,
        );
        self.write_title(&mut svg, palette.ink, title_on_top, is_serif);
        svg.push_str("</svg>");
        PreEscaped(svg)
    }

    /// Title and year hang from the top edge, or stand on the bottom edge.
    fn write_title(&self, svg: &mut String, ink: &str, on_top: bool, is_serif: bool) {
        let Lettering { size, lines } = Lettering::fit(self.title, WIDTH - 2.0 * MARGIN);
        let step = size * lettering::LINE_HEIGHT;
        let block = step * (lines.len().max(1) - 1) as f32;
        let first = if on_top {
            MARGIN + size * 0.8
        } else {
            HEIGHT - MARGIN - block - size * 0.06
        };
        let year_y = if on_top {
            first + block + YEAR
        } else {
            first - size * 0.8 - YEAR + 10.0
        };
        let (family, weight) = if is_serif { (SERIF, 700) } else { (SANS, 800) };
        let _ = write!(
            svg,
            "<g fill=\"{ink}\" font-family=\"{family}\" font-weight=\"{weight}\" font-size=\"{size}\" \
             letter-spacing=\"-.02em\">"
        );
        for (index, line) in lines.iter().enumerate() {
            let y = first + step * index as f32;
            let _ = write!(
                svg,
                "<text x=\"{MARGIN}\" y=\"{y:.1}\">{}</text>",
                escape(line)
            );
        }
        let _ = write!(
            svg,
            "</g><text x=\"{MARGIN}\" y=\"{year_y:.1}\" fill=\"{ink}\" font-family=\"{SANS}\" \
             font-weight=\"600\" font-size=\"10\" letter-spacing=\".14em\">{}</text>",
            self.year.map(|year| year.to_string()).unwrap_or_default()
        );
    }
}

/// Title and year, as a film is called where it stands alone.
pub fn titled(title: &str, year: Option<i16>) -> String {
    match year {
        Some(year) => format!("{title} ({year})"),
        None => title.to_owned(),
    }
}

/// The genre's motif alone, for tiles and headings. Decorative.
pub fn emblem(genre: &str) -> Markup {
    let mut dice = Dice::new(genre);
    let palette = Palette::first_of(genre);
    let motif = motifs::draw(genre, palette, &mut dice);
    PreEscaped(format!(
        "<svg class=\"emblem\" viewBox=\"0 0 240 240\" aria-hidden=\"true\">\
         <rect width=\"240\" height=\"240\" fill=\"{}\"/>{motif}</svg>",
        palette.ground
    ))
}

const SANS: &str = "Pretendard, system-ui, Apple SD Gothic Neo, Noto Sans KR, Noto Sans CJK KR, \
     Malgun Gothic, sans-serif";
const SERIF: &str = "Iowan Old Style, Palatino Linotype, Charter, Georgia, Noto Serif KR, \
     Noto Serif CJK KR, AppleMyungjo, serif";

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let _ = Escaper::new(&mut escaped).write_str(text);
    escaped
}

/// Numbers that look thrown and are computed: FNV-1a of the seed, then SplitMix64.
struct Dice(u64);

impl Dice {
    fn new(seed: &str) -> Dice {
        let hash = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Dice(hash)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u16) -> u16 {
        (self.next() % u64::from(end)) as u16
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * f32::from(self.below(1_000)) / 999.0
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(title: &str, genre: &str, seed: &str) -> String {
        Poster {
            title,
            year: Some(2019),
            genre,
            seed,
        }
        .draw()
        .into_string()
    }

    #[test]
    fn the_same_film_always_gets_the_same_poster() {
        let first = draw("Parasite", "thriller", "parasite-2019");
        assert_eq!(first, draw("Parasite", "thriller", "parasite-2019"));
        assert_ne!(first, draw("Parasite", "thriller", "another-2019"));
    }

    #[test]
    fn a_poster_needs_no_style_attribute_and_no_id() {
        for genre in palette::GENRES {
            for seed in ["a", "b", "c", "d", "e", "f", "g", "h"] {
                let svg = draw("기생충", genre, seed);
                for forbidden in ["style=", " id=", "<script", "url(", "NaN", "inf"] {
                    assert!(!svg.contains(forbidden), "{genre}: {forbidden}");
                }
                assert!(svg.len() < 12_000, "{genre}: {} bytes", svg.len());
                assert_eq!(
                    svg.matches("<svg").count(),
                    svg.matches("</svg>").count(),
                    "{genre}"
                );
                assert_eq!(
                    svg.matches("<g").count(),
                    svg.matches("</g>").count(),
                    "{genre}"
                );
            }
        }
    }

    #[test]
    fn a_title_is_text_whatever_it_holds() {
        let svg = draw("<b>\"&", "drama", "x");
        assert!(svg.contains("&lt;b&gt;&quot;&amp;"));
        assert!(!svg.contains("<b>"));
    }

    #[test]
    fn every_genre_has_a_motif_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for genre in palette::GENRES {
            let palette = Palette::first_of("drama");
            assert!(
                seen.insert(motifs::draw(genre, palette, &mut Dice::new("x"))),
                "{genre}"
            );
        }
    }
}
