//! Made-up members and reviews of real films.

use chrono::{DateTime, TimeDelta, Utc};
use web::components::{Author, FilmCard, Like, Liker, ReviewCard};
use web::language::Language;

/// English title, Korean title, year, genre, key, average.
pub const FILMS: &[(&str, &str, i16, &str, &str, f64)] = &[
    (
        "Parasite",
        "기생충",
        2019,
        "thriller",
        "parasite-2019",
        4.46,
    ),
    (
        "The Handmaiden",
        "아가씨",
        2016,
        "romance",
        "the-handmaiden-2016",
        4.2,
    ),
    (
        "Memories of Murder",
        "살인의 추억",
        2003,
        "crime",
        "memories-of-murder-2003",
        4.4,
    ),
    (
        "Spirited Away",
        "센과 치히로의 행방불명",
        2001,
        "animation",
        "spirited-away-2001",
        4.5,
    ),
    (
        "2001: A Space Odyssey",
        "2001 스페이스 오디세이",
        1968,
        "science-fiction",
        "2001-1968",
        4.3,
    ),
    (
        "The Good, the Bad and the Ugly",
        "석양의 무법자",
        1966,
        "western",
        "good-bad-ugly-1966",
        4.4,
    ),
    (
        "In the Mood for Love",
        "화양연화",
        2000,
        "drama",
        "in-the-mood-for-love-2000",
        4.4,
    ),
    (
        "Train to Busan",
        "부산행",
        2016,
        "horror",
        "train-to-busan-2016",
        3.9,
    ),
    ("Amélie", "아멜리에", 2001, "comedy", "amelie-2001", 4.0),
    (
        "Man with a Movie Camera",
        "카메라를 든 사나이",
        1929,
        "documentary",
        "man-camera-1929",
        4.1,
    ),
    (
        "The Princess Bride",
        "프린세스 브라이드",
        1987,
        "fantasy",
        "princess-bride-1987",
        4.1,
    ),
    (
        "Mad Max: Fury Road",
        "매드 맥스: 분노의 도로",
        2015,
        "action",
        "fury-road-2015",
        4.2,
    ),
    (
        "Raiders of the Lost Ark",
        "레이더스",
        1981,
        "adventure",
        "raiders-1981",
        4.2,
    ),
    (
        "Singin’ in the Rain",
        "사랑은 비를 타고",
        1952,
        "music",
        "singin-1952",
        4.4,
    ),
    ("Vertigo", "현기증", 1958, "mystery", "vertigo-1958", 4.2),
    (
        "My Neighbor Totoro",
        "이웃집 토토로",
        1988,
        "family",
        "totoro-1988",
        4.3,
    ),
    ("Duel", "결투", 1971, "tv-movie", "duel-1971", 3.8),
    (
        "Come and See",
        "컴 앤 씨",
        1985,
        "war",
        "come-and-see-1985",
        4.6,
    ),
    (
        "The Last Emperor",
        "마지막 황제",
        1987,
        "history",
        "last-emperor-1987",
        4.0,
    ),
    (
        "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb",
        "닥터 스트레인지러브",
        1964,
        "comedy",
        "strangelove-1964",
        4.3,
    ),
    ("Oldboy", "올드보이", 2003, "thriller", "oldboy-2003", 4.3),
    ("Burning", "버닝", 2018, "mystery", "burning-2018", 4.0),
    (
        "Decision to Leave",
        "헤어질 결심",
        2022,
        "romance",
        "decision-to-leave-2022",
        4.1,
    ),
    ("The Host", "괴물", 2006, "horror", "the-host-2006", 3.9),
    ("Up", "업", 2009, "animation", "up-2009", 4.1),
    (
        "The Good, the Bad, the Weird",
        "좋은 놈, 나쁜 놈, 이상한 놈",
        2008,
        "western",
        "gbw-2008",
        3.7,
    ),
    ("Psycho", "싸이코", 1960, "horror", "psycho-1960", 4.3),
    (
        "Casablanca",
        "카사블랑카",
        1942,
        "war",
        "casablanca-1942",
        4.4,
    ),
    ("Poetry", "시", 2010, "drama", "poetry-2010", 4.2),
    (
        "Blade Runner",
        "블레이드 러너",
        1982,
        "science-fiction",
        "blade-runner-1982",
        4.2,
    ),
];

pub fn card(language: Language, index: usize) -> FilmCard<'static> {
    let (english, korean, year, genre, seed, average) = FILMS[index % FILMS.len()];
    let title = match language {
        Language::En => english,
        Language::Ko => korean,
    };
    FilmCard {
        href: "/films/parasite-2019",
        title,
        year: Some(year),
        genre,
        seed,
        image: None,
        average: Some(average),
    }
}

pub fn cards(language: Language, from: usize, count: usize) -> Vec<FilmCard<'static>> {
    (from..from + count)
        .map(|index| card(language, index))
        .collect()
}

pub const ANN: Author<'static> = Author {
    name: Some("Ann Park"),
    href: Some("/members/1"),
};
pub const MINJI: Author<'static> = Author {
    name: Some("민지"),
    href: Some("/members/2"),
};
pub const JOON: Author<'static> = Author {
    name: Some("늦은밤영화관"),
    href: Some("/members/3"),
};
pub const FORMER: Author<'static> = Author {
    name: None,
    href: None,
};

pub const ENGLISH: &str = "The house is the *third* family. Every staircase is a sentence about \
money, and the camera reads them aloud: down, down, down, until the water comes.\n\n\
I had forgotten how **funny** the first hour is — and how little time the film needs to make you \
ashamed of having laughed.\n\n> “You can’t go wrong with no plans.”\n\nThings I’d watch it again for:\n\n\
- the peach sequence, cut like a heist\n- the sound of the buzzer\n- [the stairs](https://example.com)";

pub const KOREAN: &str = "계단을 **내려가는** 장면마다 숨이 찼다. 비가 쏟아지는 밤, 위에서 아래로 흘러가는 건 \
물만이 아니었다.\n\n처음 한 시간은 정말 웃긴데, 그 웃음이 나중에 돌아와서 목에 걸린다. 냄새라는 단어 하나로 이렇게 \
잔인할 수 있다니.\n\n> 무계획이 제일 좋은 계획이야.\n\n다시 본다면 *초인종이 울리던 그 순간*부터 다시 볼 것 같다.";

pub fn ago(minutes: i64) -> DateTime<Utc> {
    web::fresh::now() - TimeDelta::minutes(minutes)
}

pub fn reviews(language: Language, with_film: bool) -> Vec<ReviewCard<'static>> {
    let like = |number: usize, count, is_liked, who| {
        const PATHS: [(&str, &str); 4] = [
            ("/reviews/1/like", "/api/v1/reviews/1/like"),
            ("/reviews/2/like", "/api/v1/reviews/2/like"),
            ("/reviews/3/like", "/api/v1/reviews/3/like"),
            ("/reviews/4/like", "/api/v1/reviews/4/like"),
        ];
        let (action, api) = PATHS[number];
        Like {
            action,
            api,
            count,
            is_liked,
            who,
        }
    };
    let review = |author, film: usize, half_stars, text, like| ReviewCard {
        href: "/reviews/1",
        author,
        film: with_film.then(|| card(language, film)),
        half_stars,
        text,
        is_removed: false,
        is_spoiler: false,
        watched_on: None,
        at: ago(7 + film as i64 * 400),
        edited_at: None,
        like,
        comments: 3,
        is_whole: false,
        hidden: None,
    };
    let mut list = vec![
        review(ANN, 0, 9, Some(ENGLISH), like(0, 42, false, Liker::Member)),
        review(
            MINJI,
            2,
            10,
            Some(KOREAN),
            like(1, 1_204, true, Liker::Member),
        ),
        review(
            JOON,
            6,
            7,
            Some("처음부터 끝까지 비가 온다."),
            like(2, 0, false, Liker::Member),
        ),
        review(FORMER, 20, 4, None, like(3, 5, false, Liker::Author)),
    ];
    list[1].edited_at = Some(ago(60));
    list[2].is_spoiler = true;
    list[2].comments = 0;
    list[3].at = ago(60 * 24 * 40);
    list[3].comments = 1;
    list
}
