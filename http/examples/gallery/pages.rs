//! The pages of the gallery.

use axum::extract::Query;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use web::components::{
    Comment, Field, FilmHeader, OwnComment, Person, ReviewForm, Tab, avatar, comment_form,
    comment_list, confirm, empty, error_summary, field, film_grid, film_header, film_rail,
    genre_tiles, language_choice, pagination, review_card, review_form, tabs, text_area, time,
};
use web::flash::Flash;
use web::language::Language;
use web::layout::Page;
use web::poster::Poster;
use web::problem::Problem;
use web::visitor::{SignedIn, Visitor};
use web::{message, t};

use crate::samples::{ANN, ENGLISH, FILMS, FORMER, JOON, KOREAN, MINJI, ago, card, cards, reviews};

const GENRES: [&str; 19] = [
    "action",
    "adventure",
    "animation",
    "comedy",
    "crime",
    "documentary",
    "drama",
    "family",
    "fantasy",
    "history",
    "horror",
    "music",
    "mystery",
    "romance",
    "science-fiction",
    "thriller",
    "tv-movie",
    "war",
    "western",
];

fn signed_in(visitor: Visitor) -> Visitor {
    let language = visitor.language;
    let ann = SignedIn {
        name: "Ann Park".to_owned(),
        href: "/members/1".to_owned(),
        roles: domain::Roles::new(),
        unseen: 0,
        suspended_until: None,
    };
    visitor.with_member(ann, language)
}

pub async fn home(visitor: Visitor) -> Page {
    let language = visitor.language;
    let content = html! {
        section class="hero" {
            div {
                h1 { (t!(language, "home-welcome")) }
                p class="lead" { (t!(language, "home-lead")) }
                p class="actions" {
                    a class="button" href="/sign-up" { (t!(language, "home-join")) }
                    a class="button quiet" href="/films" { (t!(language, "home-browse")) }
                }
            }
            div class="hero-posters" {
                @for index in [3, 22, 6, 4, 0] { div { (card(language, index).poster().decorative()) } }
            }
        }
        (film_rail(language, &t!(language, "home-talked-about"), None, &cards(language, 0, 14)))
        section {
            div class="section-head" { h2 { (t!(language, "home-recent-reviews")) } }
            div class="reviews two" {
                @for review in reviews(language, true) { (review_card(language, &review)) }
            }
        }
        (film_rail(language, &t!(language, "home-newly-added"), Some("/films"), &cards(language, 14, 14)))
        section {
            div class="section-head" { h2 { (t!(language, "home-by-genre")) } }
            (genre_tiles(language, &GENRES))
        }
    };
    Page::new(visitor, "", content)
}

pub async fn films(visitor: Visitor) -> Page {
    let language = visitor.language;
    let content = html! {
        header class="page-head" {
            h1 { (t!(language, "genre-title", genre = language.genre("drama"))) }
            p class="lead" { (t!(language, "films-count", count = 1_234)) }
        }
        (film_grid(&cards(language, 0, FILMS.len())))
        (pagination(language, Some("?"), Some("?after=x")))
    };
    Page::new(signed_in(visitor), t!(language, "films-title"), content)
}

pub async fn genres(visitor: Visitor) -> Page {
    let language = visitor.language;
    let content = html! {
        header class="page-head" {
            h1 { (t!(language, "genres-title")) }
            p class="lead" { (t!(language, "genres-lead")) }
        }
        (genre_tiles(language, &GENRES))
    };
    Page::new(signed_in(visitor), t!(language, "genres-title"), content)
}

/// Three films of each genre.
pub async fn posters(visitor: Visitor) -> Page {
    let language = visitor.language;
    let seeds = ["a", "b", "c", "d", "e", "f", "g"];
    let content = html! {
        ul class="film-grid" {
            @for genre in GENRES {
                @for (index, seed) in seeds.into_iter().enumerate() {
                    @let seed = format!("{genre}-{seed}");
                    @let title = card(language, index * 7 + genre.len()).title;
                    li {
                        ({ Poster { title, year: Some(1990), genre, seed: &seed }.named(language) })
                    }
                }
            }
        }
    };
    Page::new(visitor, "Posters", content)
}

fn facts(
    language: Language,
) -> (
    &'static str,
    [Person<'static>; 1],
    [Person<'static>; 4],
    String,
) {
    let person = |name| Person {
        name,
        href: format!("/people/{}", projections::people::slug(name)),
    };
    match language {
        Language::En => (
            "The Kims fold pizza boxes in a half-basement; the Parks live behind a wall on a hill. \
             A forged diploma opens the door, and one by one the whole family moves into other \
             people’s lives — until somebody else rings the bell.",
            [person("Bong Joon-ho")],
            [
                "Song Kang-ho",
                "Lee Sun-kyun",
                "Cho Yeo-jeong",
                "Choi Woo-shik",
            ]
            .map(person),
            "South Korea".to_owned(),
        ),
        Language::Ko => (
            "반지하에서 피자 상자를 접는 기택네와 언덕 위 담장 안에 사는 박 사장네. 위조한 졸업장 하나가 문을 열고, \
             가족은 한 사람씩 남의 삶 속으로 들어간다. 누군가 초인종을 누르기 전까지는.",
            [person("봉준호")],
            ["송강호", "이선균", "조여정", "최우식"].map(person),
            "대한민국".to_owned(),
        ),
    }
}

pub async fn film(visitor: Visitor) -> Page {
    let language = visitor.language;
    let (overview, directors, cast, country) = facts(language);
    let film = FilmHeader {
        card: card(language, 0),
        original_title: "기생충",
        runtime_min: Some(132),
        genres: &["thriller", "comedy", "drama"],
        directors: &directors,
        cast: &cast,
        countries: &[country],
        overview: Some(overview),
        backdrop: None,
        elsewhere: &[],
        ratings: &[1, 3, 2, 8, 11, 40, 71, 230, 301, 288],
        actions: html! {
            a class="button" href="/films/parasite-2019/review" { (t!(language, "film-write-review")) }
        },
    };
    let title = film.card.title;
    let order = [
        Tab {
            href: "?sort=newest",
            text: t!(language, "film-sort-newest"),
            is_here: true,
        },
        Tab {
            href: "?sort=best",
            text: t!(language, "film-sort-best"),
            is_here: false,
        },
    ];
    let content = html! {
        (film_header(language, &film))
        section class="reading" {
            div class="section-head" { h2 { (t!(language, "film-reviews-count", count = 955)) } }
            (tabs(&t!(language, "film-sort-label"), &order))
            div class="reviews" {
                @for review in reviews(language, false) { (review_card(language, &review)) }
            }
            (pagination(language, None, Some("?after=x")))
        }
    };
    Page::new(signed_in(visitor), title, content)
}

fn review_page_form(language: Language, problem: Option<&Problem>) -> Markup {
    let form = ReviewForm {
        action: "/films/parasite-2019/review",
        command: "1",
        film_title: card(language, 0).title,
        draft: "parasite-2019",
        half_stars: if problem.is_some() { None } else { Some(7) },
        text: "",
        is_spoiler: false,
        watched_on: "",
        latest: chrono::NaiveDate::default(),
        is_edit: false,
        problem,
    };
    review_form(language, &form)
}

pub async fn write_review(visitor: Visitor) -> Page {
    let language = visitor.language;
    let form = review_page_form(language, None);
    Page::new(signed_in(visitor), t!(language, "film-write-review"), form)
}

pub async fn refuse_review(visitor: Visitor) -> Page {
    let language = visitor.language;
    let problem = Problem::invalid("rating", message!("error-rating-missing"));
    let form = review_page_form(language, Some(&problem));
    Page::new(signed_in(visitor), t!(language, "film-write-review"), form)
        .status(StatusCode::UNPROCESSABLE_ENTITY)
}

pub async fn review(visitor: Visitor) -> Page {
    let language = visitor.language;
    let index = match language {
        Language::En => 0,
        Language::Ko => 1,
    };
    let mut review = reviews(language, true).swap_remove(index);
    review.is_whole = true;
    let name = review.author.shown_name(language);
    let film = card(language, 0).title;
    let nobody = std::collections::BTreeMap::new();
    let comment = |id, author, text, minutes, own| Comment {
        id,
        author,
        text: Some(text),
        named: &nobody,
        at: ago(minutes),
        edited_at: None,
        own,
        hidden: None,
        report_href: None,
    };
    let own = OwnComment {
        edit_href: "/comments/3/edit",
        retract_action: "/comments/3/retract",
    };
    let comments = [
        comment(
            "1",
            MINJI,
            "복숭아 장면 이야기, 완전 공감해요. *음악*까지 완벽했죠.",
            300,
            None,
        ),
        comment("2", FORMER, "I laughed. I am still ashamed.", 200, None),
        comment("3", ANN, "The buzzer! My whole row jumped.", 5, Some(own)),
    ];
    let content = html! {
        div class="reading" { (review_card(language, &review)) }
        section id="comments" class="reading" {
            div class="section-head" { h2 { (t!(language, "comments-count", count = 3)) } }
            (comment_list(language, &comments))
            (comment_form(language, "/reviews/1/comments", "1", "", false, None))
        }
    };
    Page::new(
        signed_in(visitor),
        t!(language, "review-title", name = name, film = film),
        content,
    )
}

pub async fn member(visitor: Visitor) -> Page {
    let language = visitor.language;
    let views = [
        Tab {
            href: "?",
            text: t!(language, "member-reviews"),
            is_here: true,
        },
        Tab {
            href: "?view=comments",
            text: t!(language, "member-comments"),
            is_here: false,
        },
        Tab {
            href: "?view=likes",
            text: t!(language, "member-likes"),
            is_here: false,
        },
    ];
    let content = html! {
        header class="member-head" {
            (avatar(JOON.name))
            div {
                h1 { (JOON.shown_name(language)) }
                p { (t!(language, "member-joined", date = language.date(ago(60 * 24 * 300)))) }
            }
        }
        p class="member-about" { "늦은 밤, 마지막 회차만 봅니다. 에드워드 양과 허우샤오시엔을 좋아해요." }
        (tabs(&t!(language, "member-tabs-label", name = JOON.shown_name(language)), &views))
        div class="reviews" {
            @for review in reviews(language, true) { (review_card(language, &review)) }
        }
    };
    Page::new(signed_in(visitor), JOON.shown_name(language), content)
}

fn account_field(
    language: Language,
    name: &'static str,
    kind: &'static str,
    value: &'static str,
) -> Field<'static> {
    let (label, hint) = match name {
        "name" => (
            t!(language, "field-name"),
            Some(t!(language, "field-name-hint")),
        ),
        "email" => (
            t!(language, "field-email"),
            Some(t!(language, "field-email-hint")),
        ),
        _ => (
            t!(language, "field-password"),
            Some(t!(language, "field-password-hint")),
        ),
    };
    Field {
        name,
        kind,
        label,
        hint,
        value,
        autocomplete: "off",
        most_characters: None,
    }
}

fn sign_up_page(visitor: Visitor, problem: Option<&Problem>) -> Page {
    let language = visitor.language;
    let value = |text| if problem.is_some() { text } else { "" };
    let content = html! {
        div class="form-card" {
            h1 { (t!(language, "sign-up-title")) }
            p class="lead" { (t!(language, "sign-up-lead")) }
            form method="post" action="/sign-up" {
                (error_summary(language, problem))
                (field(language, &account_field(language, "name", "text", value("민지")), problem))
                (field(language, &account_field(language, "email", "email", value("minji@")), problem))
                (field(language, &account_field(language, "password", "password", ""), problem))
                button class="button" type="submit" { (t!(language, "sign-up-button")) }
            }
            p class="aside" {
                (t!(language, "sign-up-have-account")) " "
                a href="/sign-in" { (t!(language, "nav-sign-in")) }
            }
        }
    };
    Page::new(visitor, t!(language, "sign-up-title"), content)
}

pub async fn sign_up(visitor: Visitor) -> Page {
    sign_up_page(visitor, None)
}

#[derive(Deserialize)]
pub struct Look {
    #[serde(default)]
    wrong: bool,
}

pub async fn sign_in(visitor: Visitor, Query(look): Query<Look>) -> Page {
    if look.wrong {
        return refuse_sign_up(visitor).await;
    }
    let language = visitor.language;
    let content = html! {
        div class="form-card" {
            h1 { (t!(language, "sign-in-title")) }
            p class="lead" { (t!(language, "sign-in-lead")) }
            form method="post" action="/sign-in" {
                (field(language, &account_field(language, "email", "email", ""), None))
                (field(language, &account_field(language, "password", "password", ""), None))
                button class="button" type="submit" { (t!(language, "sign-in-button")) }
            }
        }
    };
    Page::new(visitor, t!(language, "nav-sign-in"), content)
}

pub async fn refuse_sign_up(visitor: Visitor) -> Page {
    let problem = Problem::invalid("name", message!("error-name-taken"))
        .and("email", message!("error-email-shape"));
    sign_up_page(visitor, Some(&problem)).status(StatusCode::UNPROCESSABLE_ENTITY)
}

pub async fn settings(mut visitor: Visitor) -> Page {
    let language = visitor.language;
    visitor.flash = Some(Flash::ProfileSaved);
    let about = Field {
        name: "about",
        kind: "text",
        label: t!(language, "field-about"),
        hint: Some(t!(language, "field-about-hint")),
        value: if language == Language::Ko {
            KOREAN
        } else {
            ENGLISH
        },
        autocomplete: "off",
        most_characters: None,
    };
    let content = html! {
        header class="page-head" { h1 { (t!(language, "settings-title")) } }
        section class="settings-section" {
            header {
                h2 { (t!(language, "settings-profile")) }
                p { (t!(language, "settings-profile-lead")) }
            }
            form class="form" method="post" action="/settings/profile" {
                (field(language, &account_field(language, "name", "text", "Ann Park"), None))
                (text_area(language, &about, 4, None, None))
                (language_choice(language, language))
                button class="button" type="submit" { (t!(language, "save")) }
            }
        }
        section class="settings-section" {
            header {
                h2 { (t!(language, "settings-withdraw")) }
                p { (t!(language, "settings-withdraw-lead")) }
            }
            div {
                (confirm(
                    language,
                    "/settings/withdraw",
                    &t!(language, "settings-withdraw-button"),
                    &t!(language, "settings-withdraw-confirm"),
                    &field(language, &account_field(language, "password", "password", ""), None),
                ))
            }
        }
    };
    Page::new(signed_in(visitor), t!(language, "settings-title"), content)
}

pub async fn empty_states(visitor: Visitor) -> Page {
    let language = visitor.language;
    let content = html! {
        header class="page-head" { h1 { (t!(language, "films-title")) } }
        (empty(&t!(language, "film-reviews-empty")))
        p { (time(language, ago(60 * 24 * 3))) }
    };
    Page::new(visitor, "Empty", content)
}
