//! Tokens: what the index holds of a thing, and what a query asks of it ([`super::query`]). Pure;
//! the same on both sides. A token's first sign says what it is of:
//!
//! | sign | of | example: 기생충 |
//! |---|---|---|
//! | none | three letters in a row of a name without its spaces | `ㄱㅣㅅ` |
//! | none | one syllable of a name; two initials in a row | `생`, `ᄀᄉ` |
//! | `=` | a whole name, its initials too | `=ㄱㅣㅅㅐㅇㅊㅜㅇ`, `=ᄀᄉᄎ` |
//! | `<` | the first letter, and the first two, of a name and its words | `<ㄱ`, `<ㄱㅣ` |
//! | `~` | a word of a text, of a Korean one also its beginnings | `~가족`, `~가족이` |
//! | `#` | a fact that may be asked for in words | `#thriller`, `#스릴러` (in letters), `#2019` |
//! | `!` | a word, or a whole name, without one of its letters | a digest |
//! | `@` | what can be filtered by: genre, year, decade | `@thriller`, `@2019`, `@201` |

use std::hash::Hasher;

use unicode_normalization::UnicodeNormalization;

use super::fold::{self, initials, is_syllable};

/// A word of a Korean text is found by its first two syllables, up to so many: particles follow.
const MAX_STEM_SYLLABLES: usize = 5;
/// In shorter words a wrong letter makes another word.
const MIN_TYPO_LETTERS: usize = 4;
/// Longer names are found with a wrong letter by their words only.
const MAX_TYPO_LETTERS: usize = 24;

/// The tokens of one thing.
#[derive(Default)]
pub(crate) struct Tokens {
    /// Some several times.
    tokens: Vec<String>,
}

impl Tokens {
    /// What a thing is called: found by beginnings, parts, initials and with a wrong letter.
    pub fn name(&mut self, name: &str) {
        let words = fold::words(name);
        let whole = words.concat();
        if whole.is_empty() {
            return;
        }
        self.part_of_name(name);
        self.add("=", &whole);
        for word in words.iter().chain([&whole]) {
            let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
            for end in ends.take(2) {
                self.add("<", &word[..end]);
            }
            self.tokens.extend(variants(word));
        }
        self.tokens
            .extend(name.nfc().filter(|c| is_syllable(*c)).map(String::from));
        if let Some(initials) = initials(name) {
            self.tokens.extend(grams(&initials, 2));
            self.add("=", &initials);
        }
    }

    /// A name that belongs to the thing, such as a director's: found by its parts.
    pub fn part_of_name(&mut self, name: &str) {
        self.tokens.extend(grams(&fold::words(name).concat(), 3));
    }

    /// A text in sentences: found by its words.
    pub fn text(&mut self, text: &str) {
        let composed: String = text.nfc().collect();
        for word in composed.split(|c: char| !c.is_alphanumeric()) {
            self.tokens.extend(stems(word));
        }
    }

    /// What is known of the thing, found by all its words or one.
    pub fn fact(&mut self, fact: &str) {
        let words = fold::words(fact);
        self.add("#", &words.concat());
        words.iter().for_each(|word| self.add("#", word));
    }

    pub fn filter(&mut self, filter: &str) {
        self.add("@", filter);
    }

    fn add(&mut self, sign: &str, token: &str) {
        self.tokens.push(format!("{sign}{token}"));
    }

    /// As they are stored: each once, in order, with a space between two.
    pub fn stored(mut self) -> String {
        self.tokens.sort_unstable();
        self.tokens.dedup();
        self.tokens.join(" ")
    }
}

/// All runs of so many letters.
pub(super) fn grams(word: &str, length: usize) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters.windows(length).map(String::from_iter).collect()
}

/// A word as it is found in a text; words that are too short to say anything are left out.
fn stems(word: &str) -> Vec<String> {
    let letters = fold::letters(word).concat();
    // of so many of its characters
    let stem = |end: usize| {
        let letters = letters.iter().take_while(|(_, at)| *at < end);
        let letters = letters.map(|(letter, _)| *letter);
        std::iter::once('~').chain(letters).collect::<String>()
    };
    let syllables = word.chars().take_while(|c| is_syllable(*c)).count();
    if syllables < 2 {
        return match letters.len() {
            0..3 => vec![],
            _ => vec![stem(usize::MAX)],
        };
    }
    let ends = (2..=syllables.min(MAX_STEM_SYLLABLES)).chain([usize::MAX]);
    ends.map(stem).collect()
}

/// What is left of a word without each one of its letters, and the word: two words that differ
/// by a letter that is wrong, missing, too much or exchanged with its neighbour have one in
/// common. Digests, because they are many and only compared.
pub(super) fn variants(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if !(MIN_TYPO_LETTERS..=MAX_TYPO_LETTERS).contains(&letters.len()) {
        return vec![];
    }
    let without = |left_out: usize| {
        let kept = letters.iter().enumerate().filter(|(at, _)| *at != left_out);
        digest(kept.map(|(_, letter)| *letter))
    };
    (0..=letters.len()).map(without).collect()
}

/// Stored, so the same for ever: FNV-1a.
fn digest(letters: impl Iterator<Item = char>) -> String {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    letters.for_each(|letter| hasher.write_u32(u32::from(letter)));
    format!("!{:08x}", hasher.finish() >> 32)
}

struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write(&number.to_le_bytes());
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// As a `tsquery` has it. Folded letters are letters and digits; the signs of tokens are not quotes
/// either.
pub(super) fn lexeme(token: &str) -> String {
    format!("'{token}'")
}
