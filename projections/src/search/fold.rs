//! Folding: texts become letters that can be compared. Latin loses case and accents; a Korean
//! syllable becomes the letters that it is typed with, so that a syllable that is still being
//! typed is a beginning of the finished one (기새 → 기생충) and a wrong vowel is one wrong letter.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const SYLLABLES: std::ops::RangeInclusive<char> = '가'..='힣';
/// Initial consonants in a row are written with these, apart from the same letters in syllables.
const INITIALS: std::ops::RangeInclusive<char> = '\u{1100}'..='\u{1112}';

const LEADING: [&str; 19] = [
    "ㄱ", "ㄲ", "ㄴ", "ㄷ", "ㄸ", "ㄹ", "ㅁ", "ㅂ", "ㅃ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅉ", "ㅊ", "ㅋ",
    "ㅌ", "ㅍ", "ㅎ",
];
/// What takes two keys is two letters.
const VOWELS: [&str; 21] = [
    "ㅏ", "ㅐ", "ㅑ", "ㅒ", "ㅓ", "ㅔ", "ㅕ", "ㅖ", "ㅗ", "ㅗㅏ", "ㅗㅐ", "ㅗㅣ", "ㅛ", "ㅜ",
    "ㅜㅓ", "ㅜㅔ", "ㅜㅣ", "ㅠ", "ㅡ", "ㅡㅣ", "ㅣ",
];
const TRAILING: [&str; 27] = [
    "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ",
    "ㄹㅍ", "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
];

/// A letter, and the character of the text (counted from 0) that it comes from.
pub(crate) type Letter = (char, usize);

/// The words of a text as letters. Signs part words; an apostrophe does not.
pub(crate) fn letters(text: &str) -> Vec<Vec<Letter>> {
    let mut words: Vec<Vec<Letter>> = Vec::new();
    let mut begins = true;
    for (at, character) in text.chars().enumerate() {
        fold(character, |letter| match letter {
            Some(letter) if begins => {
                begins = false;
                words.push(vec![(letter, at)]);
            }
            Some(letter) => words
                .last_mut()
                .into_iter()
                .for_each(|word| word.push((letter, at))),
            None => begins = true,
        });
    }
    words
}

/// Gives a character's letters, `None` for a sign that parts words. Most are simple.
fn fold(character: char, mut give: impl FnMut(Option<char>)) {
    match character {
        '\'' => {}
        'a'..='z' | '0'..='9' => give(Some(character)),
        'A'..='Z' => give(Some(character.to_ascii_lowercase())),
        _ if character.is_ascii() => give(None),
        _ if is_syllable(character) => {
            let nth = character as usize - *SYLLABLES.start() as usize;
            let (leading, vowel, trailing) = (nth / 588, nth % 588 / 28, nth % 28);
            let trailing = trailing.checked_sub(1).map_or("", |nth| TRAILING[nth]);
            for letters in [LEADING[leading], VOWELS[vowel], trailing] {
                letters.chars().for_each(|letter| give(Some(letter)));
            }
        }
        _ => decompose(character, give),
    }
}

fn decompose(character: char, mut give: impl FnMut(Option<char>)) {
    let folded = std::iter::once(character)
        .nfkd()
        .flat_map(char::to_lowercase);
    for folded in folded {
        match folded {
            '\'' | '’' | 'ʼ' => {}
            mark if is_combining_mark(mark) => {}
            _ => match spelled(folded) {
                Some(spelled) => spelled.chars().for_each(|letter| give(Some(letter))),
                None => give(Some(folded).filter(|letter| letter.is_alphanumeric())),
            },
        }
    }
}

/// Korean letters as they are typed, and Latin ones that no decomposition takes apart.
fn spelled(character: char) -> Option<&'static str> {
    let nth = |first: char| (character as usize) - (first as usize);
    Some(match character {
        '\u{1100}'..='\u{1112}' => LEADING[nth('\u{1100}')],
        '\u{1161}'..='\u{1175}' => VOWELS[nth('\u{1161}')],
        '\u{11a8}'..='\u{11c2}' => TRAILING[nth('\u{11a8}')],
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ı' => "i",
        _ => return None,
    })
}

/// The words of a text, folded.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut begins = true;
    for character in text.chars() {
        fold(character, |letter| match letter {
            Some(letter) if begins => {
                begins = false;
                words.push(String::from(letter));
            }
            Some(letter) => words
                .last_mut()
                .into_iter()
                .for_each(|word| word.push(letter)),
            None => begins = true,
        });
    }
    words
}

/// No normalization changes it.
fn is_simple(character: char) -> bool {
    character.is_ascii() || is_syllable(character)
}

/// The initial consonants of a text's syllables, with whatever is not Korean between them: none
/// if nothing is.
pub(crate) fn initials(text: &str) -> Option<String> {
    let initial = |character: char| {
        let syllable = u32::from(character) - u32::from(*SYLLABLES.start());
        char::from_u32(u32::from(*INITIALS.start()) + syllable / (21 * 28))
    };
    if text.is_ascii() {
        return None;
    }
    let composed: Cow<'_, str> = match text.chars().all(is_simple) {
        true => text.into(),
        false => text.nfc().collect::<String>().into(),
    };
    if !composed.chars().any(is_syllable) {
        return None;
    }
    let kept = composed.chars().filter_map(|c| match c {
        c if SYLLABLES.contains(&c) => initial(c),
        c => c.is_alphanumeric().then(|| c.to_ascii_lowercase()),
    });
    Some(kept.collect())
}

/// A query of two consonants or more and nothing else that is typed Korean: initials.
pub(crate) fn asks_for_initials(query: &str) -> Option<String> {
    let typed: Vec<char> = words(query).concat().chars().collect();
    let initial = |letter: &char| {
        let nth = LEADING.iter().position(|l| l.starts_with(*letter))?;
        char::from_u32(u32::from(*INITIALS.start()) + u32::try_from(nth).ok()?)
    };
    let initials: Option<String> = typed.iter().map(initial).collect();
    initials.filter(|_| typed.len() > 1 && !query.chars().any(|c| SYLLABLES.contains(&c)))
}

pub(crate) fn is_syllable(character: char) -> bool {
    SYLLABLES.contains(&character)
}

/// A name in whole signs, without spaces and marks: as it is read, rather than typed.
pub(crate) fn plain(name: &str) -> String {
    if name.chars().all(is_simple) {
        let kept = name.chars().filter(|c| c.is_alphanumeric());
        return kept.map(|c| c.to_ascii_lowercase()).collect();
    }
    let kept = name.nfkd().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> String {
        words(text).join(" ")
    }

    #[test]
    fn texts_become_letters() {
        for (text, expected) in [
            ("기생충", "ㄱㅣㅅㅐㅇㅊㅜㅇ"),
            ("과", "ㄱㅗㅏ"),
            ("값", "ㄱㅏㅂㅅ"),
            ("ㄱㅅㅊ", "ㄱㅅㅊ"),
            // an input method makes one sign of two consonants
            ("ㄳㅊ", "ㄱㅅㅊ"),
            ("Amélie", "amelie"),
            ("AMÉLIE", "amelie"),
            ("Straße", "strasse"),
            ("Łódź", "lodz"),
            ("WALL·E", "wall e"),
            ("Don’t Look Up", "dont look up"),
            ("2001: A Space Odyssey", "2001 a space odyssey"),
            ("８½", "81 2"),
            ("  살인의   추억 ", "ㅅㅏㄹㅇㅣㄴㅇㅡㅣ ㅊㅜㅇㅓㄱ"),
            ("千と千尋", "千と千尋"),
            ("…!?", ""),
            ("", ""),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn a_syllable_that_is_being_typed_begins_the_finished_one() {
        let whole = folded("기생충");
        for typed in [
            "ㄱ",
            "기",
            "깃",
            "기새",
            "기생",
            "기생ㅊ",
            "기생추",
            "기생충",
        ] {
            assert!(whole.starts_with(&folded(typed)), "{typed}");
        }
        // 닭 is typed 다, 달, 닭; 과 is typed 고, 과
        for (typed, whole) in [("다", "닭"), ("달", "닭"), ("고", "과"), ("갑", "값")] {
            assert!(folded(whole).starts_with(&folded(typed)), "{typed}");
        }
    }

    #[test]
    fn initials_are_read_from_syllables_and_from_what_is_typed() {
        assert_eq!(initials("살인의 추억"), asks_for_initials("ㅅㅇㅇㅊㅇ"));
        assert_eq!(initials("기생충"), asks_for_initials("ㄳㅊ"));
        assert_eq!(initials("기생충"), asks_for_initials("ㄱ ㅅ ㅊ"));
        assert_eq!(initials("Parasite"), None);
        for no in ["ㄱ", "기생ㅊ", "ㅏㅏ", "abc", ""] {
            assert_eq!(asks_for_initials(no), None, "{no}");
        }
    }

    proptest! {
        #[test]
        fn what_is_simple_is_folded_as_if_it_were_not(character in "[\\x00-\\x7f가-힣]") {
            let character = character.chars().next().unwrap();
            let (mut simple, mut decomposed) = (Vec::new(), Vec::new());
            fold(character, |letter| simple.push(letter));
            decompose(character, |letter| decomposed.push(letter));
            prop_assert_eq!(simple, decomposed);
            let name = character.to_string();
            let kept = name.nfkd().filter(|c| c.is_alphanumeric());
            let plainly: String = kept.flat_map(char::to_lowercase).nfc().collect();
            prop_assert_eq!(plain(&name), plainly);
            prop_assert_eq!(name.nfc().collect::<String>(), name);
        }

        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }

        #[test]
        fn a_typed_beginning_is_a_beginning(text in "[가-힣a-z]{1,12}", end in 0..12_usize) {
            let typed: String = text.chars().take(end).collect();
            prop_assert!(folded(&text).starts_with(&folded(&typed)));
        }

        #[test]
        fn case_and_composition_do_not_matter(text in "[가-힣a-zA-ZÀ-ÖØ-öø-ÿ ]{0,20}") {
            let apart: String = text.nfd().collect();
            prop_assert_eq!(folded(&apart), folded(&text));
            prop_assert_eq!(folded(&text.to_uppercase()), folded(&text));
        }
    }
}
