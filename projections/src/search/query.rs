//! What a visitor typed, and what it asks of the index: the tokens of [`super::tokens`].

use unicode_normalization::UnicodeNormalization;

use super::fold::{self, asks_for_initials, is_syllable};
use super::tokens::{grams, lexeme, variants};

/// Words of a query; more are not looked at.
const MAX_QUERY_WORDS: usize = 8;
/// A syllable, or `the`.
const MAX_SHORT_LETTERS: usize = 3;
/// Letters of a query's word; more are not looked at.
const MAX_WORD_LETTERS: usize = 40;

/// What a visitor typed, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// As typed, trimmed.
    pub typed: String,
    /// As typed, in whole signs, without spaces and marks.
    pub(crate) plain: String,
    pub(crate) words: Vec<String>,
    /// The words without spaces.
    pub(crate) whole: String,
    /// `ㄱㅅㅊ`, in the letters of initials.
    pub(crate) initials: Option<String>,
    /// Each word of the query as it is written, for texts.
    stems: Vec<String>,
    /// A single syllable may stand anywhere in a name.
    pub(crate) syllable: Option<char>,
}

impl Query {
    /// `None`: there is no letter in it.
    pub fn new(typed: &str) -> Option<Query> {
        let typed = typed.trim();
        let mut words = fold::words(typed);
        words.truncate(MAX_QUERY_WORDS);
        for word in &mut words {
            *word = word.chars().take(MAX_WORD_LETTERS).collect();
        }
        let composed: String = typed.nfc().collect();
        let mut characters = composed.chars();
        let syllable = match (characters.next(), characters.next()) {
            (Some(one), None) => Some(one).filter(|c| is_syllable(*c)),
            _ => None,
        };
        (!words.is_empty()).then(|| Query {
            stems: words.iter().map(|word| format!("~{word}")).collect(),
            initials: asks_for_initials(typed),
            typed: typed.to_owned(),
            plain: fold::plain(typed),
            whole: words.concat(),
            syllable,
            words,
        })
    }

    /// So short that much begins with it, and is better looked for among what is talked about than
    /// in an index, which tells all of it first.
    pub(crate) fn is_short(&self) -> bool {
        self.whole.chars().count() <= MAX_SHORT_LETTERS
    }

    /// For `@@`: things of whose names every word of the query is a part. Frequent words of texts
    /// are not looked up, so it is quick where many things match.
    pub(crate) fn named(&self) -> String {
        if let Some(initials) = &self.initials {
            return conjunction(&grams(initials, 2));
        }
        let words = self.words.iter();
        let words = words.map(|word| format!("({})", self.part_of_name(word)));
        words.collect::<Vec<_>>().join(" & ")
    }

    /// For `@@`: things of which every word of the query is a part.
    pub(crate) fn parts(&self) -> String {
        if let Some(initials) = &self.initials {
            return conjunction(&grams(initials, 2));
        }
        let words = self.words.iter().zip(&self.stems);
        let words = words.map(|(word, stem)| format!("({})", self.part(word, stem)));
        words.collect::<Vec<_>>().join(" & ")
    }

    fn part_of_name(&self, word: &str) -> String {
        if word.chars().count() < 3 {
            let begins = lexeme(&format!("<{word}"));
            return match self.syllable {
                Some(syllable) => format!("{begins} | {}", lexeme(&syllable.to_string())),
                None => begins,
            };
        }
        format!("({})", conjunction(&grams(word, 3)))
    }

    fn part(&self, word: &str, stem: &str) -> String {
        let name = self.part_of_name(word);
        let fact = lexeme(&format!("#{word}"));
        match (self.syllable, word.chars().count()) {
            (Some(_), _) => name,
            (None, ..3) => format!("{name} | {fact}"),
            (None, _) => format!("{name} | {} | {fact}", lexeme(stem)),
        }
    }

    /// For `@@`: things of that name.
    pub(crate) fn exact(&self) -> String {
        let whole = self.initials.as_ref().unwrap_or(&self.whole);
        lexeme(&format!("={whole}"))
    }

    /// For `@@`: names and words of names with one wrong letter. `None`: too short.
    pub(crate) fn misspelt(&self) -> Option<String> {
        let any = |word: &str| {
            let variants: Vec<String> = variants(word).iter().map(|v| lexeme(v)).collect();
            (!variants.is_empty()).then(|| variants.join(" | "))
        };
        let words: Vec<Option<String>> = self.words.iter().map(|word| any(word)).collect();
        let whole = any(&self.whole);
        if words.len() == 1 || words.iter().all(Option::is_none) {
            return whole;
        }
        // some words may be right
        let each = words.into_iter().zip(self.words.iter().zip(&self.stems));
        let each = each.map(|(misspelt, (word, stem))| match misspelt {
            Some(misspelt) => format!("({} | {misspelt})", self.part(word, stem)),
            None => format!("({})", self.part(word, stem)),
        });
        let each = each.collect::<Vec<_>>().join(" & ");
        Some(whole.map_or(each.clone(), |whole| format!("{whole} | ({each})")))
    }
}

fn conjunction(tokens: &[String]) -> String {
    let tokens: Vec<String> = tokens.iter().map(|token| lexeme(token)).collect();
    tokens.join(" & ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::tokens::Tokens;
    use super::*;

    fn name(name: &str) -> BTreeSet<String> {
        let mut tokens = Tokens::default();
        tokens.name(name);
        set(tokens)
    }

    fn set(tokens: Tokens) -> BTreeSet<String> {
        tokens.stored().split(' ').map(str::to_owned).collect()
    }

    fn query(typed: &str) -> Query {
        Query::new(typed).unwrap()
    }

    /// What PostgreSQL does with a `tsquery`: *or* of *and* of lexemes and brackets.
    fn holds(tokens: &BTreeSet<String>, tsquery: &str) -> bool {
        let mut rest = tsquery;
        let is_held = either(tokens, &mut rest);
        assert_eq!(rest, "", "{tsquery}");
        is_held
    }

    fn either(tokens: &BTreeSet<String>, rest: &mut &str) -> bool {
        let mut is_held = all(tokens, rest);
        while let Some(more) = rest.strip_prefix(" | ") {
            *rest = more;
            is_held |= all(tokens, rest);
        }
        is_held
    }

    fn all(tokens: &BTreeSet<String>, rest: &mut &str) -> bool {
        let mut is_held = one(tokens, rest);
        while let Some(more) = rest.strip_prefix(" & ") {
            *rest = more;
            is_held &= one(tokens, rest);
        }
        is_held
    }

    fn one(tokens: &BTreeSet<String>, rest: &mut &str) -> bool {
        if let Some(inner) = rest.strip_prefix('(') {
            *rest = inner;
            let is_held = either(tokens, rest);
            *rest = rest.strip_prefix(')').unwrap();
            return is_held;
        }
        let (lexeme, after) = rest.strip_prefix('\'').unwrap().split_once('\'').unwrap();
        *rest = after;
        tokens.contains(lexeme)
    }

    #[test]
    fn names_are_found_by_beginnings_parts_and_initials() {
        for (title, typed) in [
            ("기생충", "ㄱ"),
            ("기생충", "기"),
            ("기생충", "기새"),
            ("기생충", "생"),
            ("기생충", "생충"),
            ("기생충", "ㄱㅅ"),
            ("기생충", "ㄱㅅㅊ"),
            ("기생충", "ㅅㅊ"),
            ("살인의 추억", "살인의추억"),
            ("살인의 추억", "살 인의 추억"),
            ("살인의 추억", "추억"),
            ("살인의 추억", "추억 살인"),
            ("살인의 추억", "의추"),
            ("헤어질 결심", "헤어질결"),
            ("괴물", "괴"),
            ("Parasite", "p"),
            ("Parasite", "PARA"),
            ("Parasite", "site"),
            ("The Handmaiden", "handmaiden"),
            ("The Handmaiden", "thehand"),
            ("Amélie", "amelie"),
            ("Amelie", "amélie"),
            ("WALL·E", "walle"),
            ("2001: A Space Odyssey", "2001"),
            ("2001: A Space Odyssey", "space 2001"),
            ("Up", "up"),
            ("M", "m"),
            ("8½", "8½"),
        ] {
            let query = query(typed);
            for tsquery in [query.named(), query.parts()] {
                assert!(holds(&name(title), &tsquery), "{title} by {typed}");
            }
        }
        for (title, typed) in [
            ("기생충", "기생화"),
            ("기생충", "ㄱㅊ"),
            ("Parasite", "paradise"),
            ("Parasite", "s"),
            ("Up", "ups"),
        ] {
            assert!(
                !holds(&name(title), &query(typed).parts()),
                "{title} by {typed}"
            );
        }
    }

    #[test]
    fn one_wrong_letter_is_forgiven() {
        let misspelt = |title: &str, typed: &str| {
            query(typed)
                .misspelt()
                .is_some_and(|query| holds(&name(title), &query))
        };
        for (title, typed) in [
            ("기생충", "기셍충"),
            ("기생충", "기생출"),
            ("Parasite", "parasyte"),
            ("Parasite", "parsite"),
            ("Parasite", "parrasite"),
            ("Parasite", "praasite"),
            ("Ratatouille", "ratatouile"),
            ("The Handmaiden", "handmaidan"),
            ("살인의 추억", "살인위추억"),
            ("살인의 추억", "살인 추옥"),
        ] {
            let is_part = holds(&name(title), &query(typed).parts());
            assert!(is_part || misspelt(title, typed), "{title} by {typed}");
        }
        for (title, typed) in [
            ("Parasite", "paradisea"),
            ("Up", "ip"),
            ("기생충", "구생총"),
        ] {
            assert!(!misspelt(title, typed), "{title} by {typed}");
        }
    }

    #[test]
    fn words_of_texts_are_found_with_their_particles() {
        let mut tokens = Tokens::default();
        tokens.text("두 가족이 비 오는 밤에 만난다. Two families, one staircase.");
        let tokens = set(tokens);
        for typed in ["가족", "가족이", "만난다", "staircase", "FAMILIES"] {
            assert!(holds(&tokens, &query(typed).parts()), "{typed}");
        }
        assert!(!holds(&tokens, &query("가족").named()));
        for typed in ["가족은", "족이", "stair"] {
            assert!(!holds(&tokens, &query(typed).parts()), "{typed}");
        }
    }

    #[test]
    fn a_query_without_letters_is_none() {
        for nothing in ["", "  ", "?!", "…", "'"] {
            assert_eq!(Query::new(nothing), None, "{nothing}");
        }
    }

    proptest! {
        #[test]
        fn any_run_of_syllables_finds_its_name(title in "[가-힣]{2,10}", a in 0..10_usize, b in 1..10_usize) {
            let part: String = title.chars().skip(a).take(b).collect();
            if let Some(query) = Query::new(&part) {
                prop_assert!(holds(&name(&title), &query.parts()), "{}", part);
            }
        }

        #[test]
        fn what_is_typed_so_far_finds_its_name(title in "[가-힣a-z0-9 ]{1,16}", end in 1..16_usize) {
            let letters = fold::words(&title).concat();
            let typed: String = letters.chars().take(end).collect();
            // consonants alone ask for initials
            if asks_for_initials(&typed).is_none() && let Some(query) = Query::new(&typed) {
                prop_assert!(holds(&name(&title), &query.parts()), "{}", typed);
            }
        }

        #[test]
        fn a_query_is_never_broken_syntax(typed in "\\PC{0,60}") {
            if let Some(query) = Query::new(&typed) {
                let misspelt = query.misspelt().unwrap_or_default();
                for tsquery in [query.named(), query.parts(), query.exact(), misspelt] {
                    prop_assert_eq!(tsquery.matches('\'').count() % 2, 0);
                    prop_assert!(!tsquery.contains('\\') && !tsquery.contains("''"));
                    prop_assert_eq!(tsquery.matches('(').count(), tsquery.matches(')').count());
                }
            }
        }
    }
}
