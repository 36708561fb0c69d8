//! What of a name matched, to be marked.

use super::fold::{self, Letter, initials, is_syllable};
use super::query::Query;

/// A piece of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// It is what was searched for.
    pub is_match: bool,
}

/// The name in pieces; the characters of a match are whole ones.
pub fn highlight(query: &Query, name: &str) -> Vec<Piece> {
    let letters: Vec<Letter> = fold::letters(name).concat();
    let mut marked = vec![false; name.chars().count()];
    match &query.initials {
        Some(asked) => mark_initials(name, asked, &mut marked),
        None if mark(&letters, &query.whole, &mut marked) => {}
        None => {
            for word in &query.words {
                // a letter or two would be marked anywhere
                if word.chars().count() > 2 {
                    mark(&letters, word, &mut marked);
                }
            }
        }
    }
    pieces(name, &marked)
}

fn mark(letters: &[Letter], asked: &str, marked: &mut [bool]) -> bool {
    let asked: Vec<char> = asked.chars().collect();
    let found = letters
        .windows(asked.len().max(1))
        .find(|window| window.iter().map(|(letter, _)| letter).eq(&asked));
    let Some(found) = found else { return false };
    found.iter().for_each(|(_, at)| marked[*at] = true);
    true
}

fn mark_initials(name: &str, asked: &str, marked: &mut [bool]) {
    let Some(initials) = initials(name) else {
        return;
    };
    let kept: Vec<usize> = (name.chars().enumerate())
        .filter(|(_, c)| is_syllable(*c) || c.is_alphanumeric())
        .map(|(at, _)| at)
        .collect();
    // a name that is written in parts of syllables counts otherwise
    if kept.len() != initials.chars().count() {
        return;
    }
    if let Some(start) = initials.find(asked) {
        let start = initials[..start].chars().count();
        let end = start + asked.chars().count();
        kept[start..end].iter().for_each(|at| marked[*at] = true);
    }
}

fn pieces(name: &str, marked: &[bool]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (character, &is_match) in name.chars().zip(marked) {
        match pieces.last_mut() {
            Some(last) if last.is_match == is_match => last.text.push(character),
            _ => pieces.push(Piece {
                text: character.to_string(),
                is_match,
            }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(typed: &str, name: &str) -> String {
        let pieces = highlight(&Query::new(typed).unwrap(), name);
        let piece = |piece: &Piece| match piece.is_match {
            true => format!("[{}]", piece.text),
            false => piece.text.clone(),
        };
        pieces.iter().map(piece).collect()
    }

    #[test]
    fn what_matched_is_marked() {
        for (typed, name, expected) in [
            ("기생", "기생충", "[기생]충"),
            ("기새", "기생충", "[기생]충"),
            ("ㅅㅊ", "기생충", "기[생충]"),
            ("ㅇㅊ", "살인의 추억", "살인[의] [추]억"),
            ("살인의추", "살인의 추억", "[살인의] [추]억"),
            ("추억 살인", "살인의 추억", "[살인]의 [추억]"),
            ("amelie", "Amélie", "[Amélie]"),
            ("walle", "WALL·E", "[WALL]·[E]"),
            ("dont", "Don’t Look Up", "[Don]’[t] Look Up"),
            ("zzz", "Parasite", "Parasite"),
        ] {
            assert_eq!(shown(typed, name), expected, "{typed} in {name}");
        }
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_name(typed in "\\PC{1,8}", name in "\\PC{0,24}") {
            if let Some(query) = Query::new(&typed) {
                let joined: String = highlight(&query, &name).into_iter().map(|p| p.text).collect();
                prop_assert_eq!(joined, name);
            }
        }
    }
}
