//! Generated films: titles, people and overviews in both languages, of the lengths and with the
//! repetitions of a real catalogue.

use domain::film::{Facts, Listed, Person, Translated, Votes};
use domain::{FilmId, Genre};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// People who make films: one and a half for every film.
const PEOPLE_OF_FILM: f64 = 1.5;

const KOREAN: &[&str] = &[
    "사랑",
    "밤",
    "여자",
    "남자",
    "도시",
    "바다",
    "가을",
    "봄날",
    "기억",
    "전쟁",
    "소년",
    "소녀",
    "거리",
    "하늘",
    "집",
    "아버지",
    "어머니",
    "형사",
    "살인",
    "추억",
    "비밀",
    "약속",
    "편지",
    "여름",
    "겨울",
    "눈물",
    "노래",
    "꿈",
    "길",
    "강",
    "산",
    "왕",
    "귀신",
    "학교",
    "친구",
    "가족",
    "이별",
    "만남",
    "청춘",
    "인생",
    "시간",
    "세계",
    "마지막",
    "첫",
    "검은",
    "하얀",
    "붉은",
    "푸른",
    "위험한",
    "아름다운",
    "슬픈",
    "조용한",
    "사라진",
    "숨은",
    "돌아온",
    "잃어버린",
    "괴물",
    "기차",
    "비",
    "바람",
    "불꽃",
    "별",
    "달",
    "태양",
    "그림자",
    "거울",
    "문",
    "섬",
    "마을",
    "병원",
    "감옥",
    "복수",
    "음모",
    "추격",
    "탈출",
    "결혼",
    "신부",
    "의사",
    "기자",
    "배우",
    "감독",
    "무사",
    "마녀",
    "천사",
    "악마",
];
const ENGLISH: &[&str] = &[
    "love",
    "night",
    "man",
    "woman",
    "city",
    "sea",
    "autumn",
    "spring",
    "memory",
    "war",
    "boy",
    "girl",
    "street",
    "sky",
    "house",
    "father",
    "mother",
    "detective",
    "murder",
    "secret",
    "promise",
    "letter",
    "summer",
    "winter",
    "tears",
    "song",
    "dream",
    "road",
    "river",
    "mountain",
    "king",
    "ghost",
    "school",
    "friend",
    "family",
    "farewell",
    "meeting",
    "youth",
    "life",
    "time",
    "world",
    "last",
    "first",
    "black",
    "white",
    "red",
    "blue",
    "dangerous",
    "beautiful",
    "sad",
    "quiet",
    "missing",
    "hidden",
    "return",
    "lost",
    "monster",
    "train",
    "rain",
    "wind",
    "fire",
    "star",
    "moon",
    "sun",
    "shadow",
    "mirror",
    "door",
    "island",
    "village",
    "hospital",
    "prison",
    "revenge",
    "conspiracy",
    "chase",
    "escape",
    "wedding",
    "bride",
    "doctor",
    "reporter",
    "actor",
    "director",
    "warrior",
    "witch",
    "angel",
    "devil",
];
const JOINTS: &[&str] = &["의 ", " ", "와 ", " 속의 ", "에서 온 "];
const SYLLABLES: &[&str] = &[
    "가", "강", "건", "경", "고", "광", "규", "기", "나", "남", "다", "대", "도", "동", "라", "래",
    "리", "마", "명", "미", "민", "범", "병", "보", "상", "서", "선", "성", "세", "소", "수", "숙",
    "순", "승", "시", "아", "연", "영", "예", "우", "원", "유", "윤", "은", "인", "일", "재", "정",
    "종", "주", "준", "지", "진", "창", "철", "태", "하", "한", "해", "현", "형", "혜", "호", "홍",
    "환", "훈", "희",
];
const SPOKEN: &[&str] = &[
    "ba", "bel", "cor", "da", "dri", "el", "fa", "gan", "har", "i", "jo", "ka", "lan", "lo", "ma",
    "mi", "na", "ne", "o", "pe", "ra", "ri", "ro", "sa", "se", "son", "ta", "ti", "to", "u", "va",
    "vi", "wil", "ya", "ze",
];

/// The nth film, always the same.
pub fn film(number: u32, films: u32) -> Listed {
    let mut dice = SmallRng::seed_from_u64(u64::from(number));
    let (en, ko) = title(&mut dice, number);
    // half of them are from elsewhere and have no Korean title
    let is_translated = number.is_multiple_of(2);
    let votes = Votes {
        // as they are distributed: a few have most
        count: (3e6 / f64::from(number % films + 30)) as u32,
        average: f64::from(dice.random_range(30..90)) / 10.0,
    };
    let people = (f64::from(films) * PEOPLE_OF_FILM) as u32;
    let mut cast = || person(dice.random_range(0..people.max(1)));
    let (director, cast) = (cast(), (0..6).map(|_| cast()).collect());
    let facts = Facts {
        title: Translated {
            en: Some(en.clone()),
            ko: is_translated.then(|| ko.clone()),
        },
        original_title: if number.is_multiple_of(5) { ko } else { en },
        year: Some(1920 + (f64::from(dice.random_range(0..10_000)).sqrt() * 1.05) as i16),
        runtime_min: Some(dice.random_range(70..180)),
        genres: (0..dice.random_range(1..4))
            .map(|_| Genre::ALL[dice.random_range(0..19)])
            .collect(),
        directors: vec![director],
        cast,
        overview: Translated {
            en: Some(text(&mut dice, ENGLISH, 45)),
            ko: is_translated.then(|| text(&mut dice, KOREAN, 35)),
        },
        keywords: (0..8)
            .map(|_| word(&mut dice, ENGLISH).to_owned())
            .collect(),
        tmdb: Some(number),
        votes: Some(votes),
        ..Facts::default()
    };
    let key = format!("tmdb-{number}");
    Listed {
        film: FilmId::of_key(&key),
        key,
        facts: facts.into(),
    }
}

fn title(dice: &mut SmallRng, number: u32) -> (String, String) {
    let parts = dice.random_range(1..4);
    let mut en: Vec<String> = (0..parts).map(|_| word(dice, ENGLISH).to_owned()).collect();
    let mut ko = word(dice, KOREAN).to_owned();
    for _ in 1..parts {
        ko += JOINTS[dice.random_range(0..JOINTS.len())];
        ko += word(dice, KOREAN);
    }
    // most titles have a word of their own
    if !number.is_multiple_of(3) {
        en.push(spoken(u64::from(number) * 7_919));
        ko = format!("{ko} {}", named(u64::from(number) * 7_919));
    }
    let the = if dice.random_range(0..5) < 2 {
        "the "
    } else {
        ""
    };
    (format!("{the}{}", en.join(" ")), ko)
}

/// The first of a list are used most.
fn word<'a>(dice: &mut SmallRng, words: &[&'a str]) -> &'a str {
    let at = dice.random_range(0.0..1.0_f64).powi(2) * words.len() as f64;
    words[at as usize]
}

fn text(dice: &mut SmallRng, words: &[&str], length: usize) -> String {
    let one = |_| match dice.random_range(0..3) {
        // a third are names and rare words
        0 => spoken(dice.random_range(0..200_000)),
        _ => word(dice, words).to_owned(),
    };
    (0..length).map(one).collect::<Vec<_>>().join(" ")
}

fn person(number: u32) -> Person {
    let number = u64::from(number) * 104_729;
    Person {
        en: format!("{} {}", spoken(number % 3_001), spoken(number / 7)),
        ko: Some(named(number)),
    }
}

fn spoken(number: u64) -> String {
    spelled(number, SPOKEN, 3)
}

fn named(number: u64) -> String {
    spelled(number, SYLLABLES, 3)
}

fn spelled(number: u64, parts: &[&str], length: u32) -> String {
    let base = parts.len() as u64;
    (0..length)
        .map(|nth| parts[(number / base.pow(nth) % base) as usize])
        .collect()
}
