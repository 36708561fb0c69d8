//! Sets a title into a narrow column: lines are broken between words, as even as they can be;
//! a long title gets smaller. Widths are estimated: the fonts are the reader's.

use unicode_segmentation::UnicodeSegmentation;

/// From a word to a sentence. The first size at which the title fits is taken.
const SIZES: [(f32, usize); 8] = [
    (39.0, 2),
    (34.0, 2),
    (26.0, 3),
    (22.0, 3),
    (19.0, 4),
    (17.0, 4),
    (15.0, 5),
    (13.0, 6),
];
/// A title that is longer than six small lines ends in an ellipsis.
const MOST_CHARACTERS: usize = 150;
/// Real fonts are a little wider or narrower than our table.
const SAFETY: f32 = 1.1;
pub const LINE_HEIGHT: f32 = 1.1;

#[derive(Debug)]
pub struct Lettering {
    pub size: f32,
    pub lines: Vec<String>,
}

impl Lettering {
    pub fn fit(title: &str, width: f32) -> Lettering {
        let title = shorten(title);
        for (size, most_lines) in SIZES {
            if let Some(lines) = wrap(&title, width / size)
                && lines.len() <= most_lines
            {
                return Lettering {
                    size,
                    lines: even_out(&title, lines, width / size),
                };
            }
        }
        let (size, most_lines) = SIZES[SIZES.len() - 1];
        let mut lines = wrap_anywhere(&title, width / size);
        lines.truncate(most_lines);
        Lettering { size, lines }
    }
}

fn shorten(title: &str) -> String {
    let title = title.trim();
    match title.grapheme_indices(true).nth(MOST_CHARACTERS) {
        None => title.to_owned(),
        Some((end, _)) => format!("{}…", &title[..end]),
    }
}

/// Greedy, between words; `None` if a word is wider than the column.
fn wrap(title: &str, width_em: f32) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for word in title.split_whitespace() {
        if width_of(word) > width_em {
            return None;
        }
        match lines.last_mut() {
            Some(line) if width_of(line) + SPACE_EM + width_of(word) <= width_em => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    Some(lines)
}

/// The narrowest column that needs no more lines.
fn even_out(title: &str, mut best: Vec<String>, width_em: f32) -> Vec<String> {
    let count = best.len();
    let mut narrower = width_em * 0.95;
    while let Some(lines) = wrap(title, narrower).filter(|lines| lines.len() == count) {
        best = lines;
        narrower *= 0.95;
        if narrower < 1.0 {
            break;
        }
    }
    best
}

/// For a title that is one endless word.
fn wrap_anywhere(title: &str, width_em: f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for grapheme in title.graphemes(true) {
        let line = lines.last_mut().expect("there is a first line");
        if !line.is_empty() && width_of(line) + width_of(grapheme) > width_em {
            lines.push(grapheme.trim_start().to_owned());
        } else {
            line.push_str(grapheme);
        }
    }
    lines
}

const SPACE_EM: f32 = 0.26;

/// In units of the font's size, for a bold face.
fn width_of(text: &str) -> f32 {
    text.chars().map(advance).sum::<f32>() * SAFETY
}

fn advance(letter: char) -> f32 {
    match letter {
        ' ' => SPACE_EM,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '’' | '!' | '|' => 0.31,
        'f' | 'r' | 't' | '-' | '(' | ')' | '[' | ']' | '/' => 0.42,
        'm' | 'w' | 'M' | 'W' | '—' | '…' | '@' | '%' => 0.92,
        'a'..='z' | '0'..='9' => 0.59,
        'A'..='Z' => 0.71,
        // Combining marks stand on the letter before; Hangul's trailing parts inside it.
        '\u{300}'..='\u{36f}' | '\u{1160}'..='\u{11ff}' | '\u{200b}'..='\u{200d}' | '\u{fe0f}' => {
            0.0
        }
        // Hangul, Han, kana, full width.
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' => 0.96,
        '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{1f000}'..='\u{3ffff}' => 1.0,
        _ => 0.66,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMN: f32 = 204.0;

    fn fit(title: &str) -> Lettering {
        let lettering = Lettering::fit(title, COLUMN);
        for line in &lettering.lines {
            assert!(
                width_of(line) * lettering.size <= COLUMN + 0.1,
                "{line} is too wide"
            );
        }
        let height = lettering.size * LINE_HEIGHT * lettering.lines.len() as f32;
        assert!(height < 88.0, "{title}: {height} high");
        lettering
    }

    #[test]
    fn a_short_title_is_large_and_a_long_one_is_small() {
        assert!((fit("괴물").size - 39.0).abs() < 0.1);
        assert_eq!(fit("Parasite").lines, ["Parasite"]);
        let long = fit("Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb");
        assert!(long.size < 24.0);
        assert_eq!(long.lines.join(" ").split(' ').count(), 13);
    }

    #[test]
    fn korean_breaks_between_words() {
        let lettering = fit("좋은 놈, 나쁜 놈, 이상한 놈");
        assert_eq!(lettering.lines.join(" "), "좋은 놈, 나쁜 놈, 이상한 놈");
        assert!(lettering.lines.len() > 1);
    }

    #[test]
    fn lines_are_even() {
        let lettering = fit("The Good, the Bad and the Ugly");
        let widths: Vec<f32> = lettering.lines.iter().map(|line| width_of(line)).collect();
        let widest = widths.iter().copied().fold(0.0, f32::max);
        let narrowest = widths.iter().copied().fold(f32::MAX, f32::min);
        assert!(narrowest > widest * 0.4, "{:?}", lettering.lines);
    }

    #[test]
    fn endless_words_and_titles_end() {
        fit(&"a".repeat(400));
        fit(&"가".repeat(400));
        fit(&"word ".repeat(400));
        fit("");
        fit(&"👨‍👩‍👧‍👦".repeat(50));
    }
}
