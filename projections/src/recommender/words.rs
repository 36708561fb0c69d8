//! The words of a film's overviews that may say what it is about.
//!
//! English: lower case, without the commonest words, names and plural endings. Korean: without
//! the commonest words and what hangs on a number or on other letters (1970년대, LA에서의); particles
//! are cut off; what is left is taken for a noun only if some overview has it with a particle
//! that only nouns have (`Found::is_noun`), which keeps verb forms out without a dictionary.

use std::collections::HashSet;
use std::sync::LazyLock;

/// A word where it stands, and whether its form there proves that it is a noun.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub word: String,
    pub is_noun: bool,
}

/// English words are shorter than this only where they say little.
const SHORTEST: usize = 4;
/// Words of one text that are looked at; what comes after says little more.
const MOST_WORDS: usize = 400;

/// What stands in nearly any overview.
const COMMON: &str = "about after again against ahead alone along already also although always \
    among another anyone anything around away back because become becomes been before begin \
    begins behind believe being best better between both bring brings call called cannot come comes \
    could does doing done down during each else ends enough even ever every everyone everything \
    expect face faces fall falls find finds first follow follows force forced forces from gets \
    give gives goes gone good grow grows half have having hers herself high himself hold home \
    however into itself just keep keeps kind know knows lead leads learn least leave leaves less \
    life like little live lives long longer look looks made make makes making many mean means \
    meet meets might mind more most much must named near need needs never next nobody nothing \
    once only onto other others over past people person place plan plans play plays pull real return returns \
    same second seem seems seen send sends sets several shape shared show side since slowly some \
    someone something soon still story such take taken takes tell tells than that their them \
    themselves then there these they thing things think this those though three through time \
    together told toward towards true trying turn turned turns under until upon used very want \
    wants watch ways well went were what when where which while whose will wish with within \
    without work works world would year years young your";

/// The same in Korean, without particles.
const COMMON_KOREAN: &str = "가운데 각자 그것 그곳 그녀 그녀들 그들 나중 날들 내내 내용 내일 누구 \
    누군가 다음 당시 당신 대신 덕분 동안 때문 마지막 만큼 매일 모두 모습 무엇 무언가 사람 사람들 사실 \
    사이 상황 생각 서로 세기 세월 순간 시간 시기 시대 시작 시절 어디 어딘가 어제 여기 여러분 연대 영화 \
    오늘 오늘날 우리 우리들 위해 이것 이곳 이날 이들 이상 이야기 이전 이후 일들 자기 자신 자신들 \
    작품 저마다 전부 정도 주변 주인공 중간 지금 처음 평소 하나 하나하나 하루 한때";

/// Particles that only nouns have; the longer first.
const OF_NOUNS: [&str; 14] = [
    "에게서",
    "으로써",
    "으로서",
    "에서",
    "에게",
    "으로",
    "까지",
    "부터",
    "처럼",
    "을",
    "를",
    "의",
    "와",
    "과",
];
/// Endings that may be a particle or part of the word, or of a verb.
const AMBIGUOUS: [&str; 8] = ["은", "는", "이", "가", "도", "만", "로", "에"];

/// Whole keywords, whatever they are made of.
pub fn keywords(keywords: &[String]) -> Vec<Found> {
    let keywords = keywords.iter().take(MOST_WORDS);
    keywords
        .map(|keyword| Found {
            word: keyword.clone(),
            is_noun: true,
        })
        .collect()
}

pub fn english(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut begins = true;
    for token in text.split_whitespace().take(MOST_WORDS) {
        let letters = token.trim_matches(|letter: char| !letter.is_alphanumeric());
        let is_name = letters.starts_with(char::is_uppercase) && !begins;
        begins = token.ends_with(['.', '!', '?', ':', '”', '"']);
        for part in letters.split(|letter: char| !letter.is_alphabetic()) {
            let written = part.to_lowercase();
            let word = singular(&written);
            let says_little = is_common(&written) || is_common(&word);
            if !is_name && word.chars().count() >= SHORTEST && !says_little {
                let is_noun = true;
                found.push(Found { word, is_noun });
            }
        }
    }
    found
}

fn is_common(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> =
        LazyLock::new(|| COMMON.split(' ').chain(COMMON_KOREAN.split(' ')).collect());
    WORDS.contains(word)
}

fn singular(word: &str) -> String {
    let is_plural = word.len() > SHORTEST
        && word.ends_with('s')
        && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    match word.strip_suffix("ies") {
        Some(stem) if is_plural => format!("{stem}y"),
        _ if is_plural => word[..word.len() - 1].to_owned(),
        _ => word.to_owned(),
    }
}

pub fn korean(text: &str) -> Vec<Found> {
    let is_syllable = |letter: char| ('가'..='힣').contains(&letter);
    let tokens = text.split(|letter: char| !letter.is_alphanumeric());
    tokens
        .map(|token| token.split(|letter| !is_syllable(letter)).next())
        .filter_map(|begins| begins.filter(|token| is_word(token)))
        .take(MOST_WORDS)
        .flat_map(read_korean)
        .filter(|found| !is_common(&found.word))
        .collect()
}

fn read_korean(token: &str) -> Vec<Found> {
    let found = |text: &str, is_noun| Found {
        word: text.to_owned(),
        is_noun,
    };
    let cut = |particles: &[&str]| {
        let stems = particles.iter();
        let mut stems = stems.filter_map(|particle| token.strip_suffix(particle));
        stems.find(|stem| is_word(stem))
    };
    if let Some(stem) = cut(&OF_NOUNS) {
        return vec![found(stem, true)];
    }
    let mut both = vec![found(token, false)];
    both.extend(cut(&AMBIGUOUS).map(|stem| found(stem, false)));
    both
}

/// One syllable is too little to tell a word by.
fn is_word(token: &str) -> bool {
    token.chars().nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(found: &[Found]) -> Vec<(&str, bool)> {
        found
            .iter()
            .map(|found| (found.word.as_str(), found.is_noun))
            .collect()
    }

    #[test]
    fn english_words_say_what_a_film_is_about() {
        let found =
            english("Thieves plan a heist. Soon Tom's families meet at the bus: robberies!");
        let words: Vec<&str> = texts(&found).into_iter().map(|(word, _)| word).collect();
        assert_eq!(words, ["thieve", "heist", "family", "robbery"]);
    }

    #[test]
    fn korean_words_lose_their_particles() {
        let found = korean("고양이가 가족을 떠나는 밤의 기차에서");
        let expected = [
            ("고양이가", false),
            ("고양이", false),
            ("가족", true),
            ("떠나는", false),
            ("떠나", false),
            ("밤의", false),
            ("기차", true),
        ];
        assert_eq!(texts(&found), expected);
    }

    #[test]
    fn korean_words_that_say_little_are_left_out() {
        let found = korean("1970년대의 서울, 그 시대를 산 사람들의 이야기. LA에서의 가족2세를");
        let expected = [("서울", false), ("가족", false)];
        assert_eq!(texts(&found), expected);
    }
}
