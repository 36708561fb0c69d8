//! Rows of the read models as the components show them: with addresses, in the visitor's
//! language.

use projections::{comments, films, reviews};
use uuid::Uuid;

use crate::components::{Author, Comment, FilmCard, Like, Liker, OwnComment, ReviewCard};
use crate::language::Language;
use crate::pages::leading_to;
use crate::reading::Reading;

/// What the poster of a film without any genre is drawn like.
const NO_GENRE: &str = "drama";

pub fn in_language<'a>(language: Language, en: &'a str, ko: &'a str) -> &'a str {
    match language {
        Language::En => en,
        Language::Ko => ko,
    }
}

/// Counts are never below zero.
pub fn count(number: i32) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub fn first_genre(genres: &[String]) -> &str {
    genres.first().map_or(NO_GENRE, String::as_str)
}

/// Who looks, and from where.
pub struct Looking {
    pub language: Language,
    pub viewer: Option<Uuid>,
    /// The site is shown as it was: nobody takes part.
    pub is_past: bool,
    /// Where to come back to after signing in or liking.
    pub path: String,
}

impl Looking {
    pub fn of(reading: &Reading) -> Looking {
        Looking {
            language: reading.visitor.language,
            viewer: reading.viewer(),
            is_past: reading.visitor.as_of.is_some(),
            path: reading.visitor.path.clone(),
        }
    }
}

/// A film of a list.
pub struct Film {
    row: films::FilmCard,
    href: String,
    /// Of the poster; a film's page draws the same.
    seed: String,
}

impl Film {
    pub fn all(rows: Vec<films::FilmCard>) -> Vec<Film> {
        let film = |row: films::FilmCard| Film {
            href: format!("/films/{}", row.film),
            seed: row.film.to_string(),
            row,
        };
        rows.into_iter().map(film).collect()
    }

    pub fn id(&self) -> Uuid {
        self.row.film
    }

    pub fn cards(films: &[Film], language: Language) -> Vec<FilmCard<'_>> {
        films.iter().map(|film| film.card(language)).collect()
    }

    pub fn card(&self, language: Language) -> FilmCard<'_> {
        FilmCard {
            href: &self.href,
            title: in_language(language, &self.row.title_en, &self.row.title_ko),
            year: self.row.year,
            genre: first_genre(&self.row.genres),
            seed: &self.seed,
            image: self.row.poster.as_deref(),
            average: self.row.average(),
        }
    }
}

/// A review, on its own page or among others.
pub struct Review {
    pub row: reviews::ReviewCard,
    pub href: String,
    pub film_href: String,
    author_href: String,
    like_action: String,
    like_api: String,
    seed: String,
    /// To why it is hidden.
    hidden_href: Option<String>,
}

impl Review {
    pub fn new(row: reviews::ReviewCard, looking: &Looking) -> Review {
        let href = format!("/reviews/{}", row.review);
        let like_action = match (looking.viewer, row.liked) {
            (None, _) => leading_to("/sign-in", &looking.path),
            (Some(_), false) => leading_to(&format!("{href}/like"), &looking.path),
            (Some(_), true) => leading_to(&format!("{href}/unlike"), &looking.path),
        };
        Review {
            film_href: format!("/films/{}", row.film),
            author_href: format!("/members/{}", row.member),
            like_api: format!("/api/v1{href}/like"),
            seed: row.film.to_string(),
            hidden_href: row.hidden_by.map(why_hidden),
            like_action,
            href,
            row,
        }
    }

    pub fn all(rows: Vec<reviews::ReviewCard>, looking: &Looking) -> Vec<Review> {
        rows.into_iter()
            .map(|row| Review::new(row, looking))
            .collect()
    }

    pub fn film_title(&self, language: Language) -> &str {
        in_language(language, &self.row.title_en, &self.row.title_ko)
    }

    pub fn author(&self) -> Author<'_> {
        author(self.row.member_name.as_deref(), &self.author_href)
    }

    pub fn is_by(&self, viewer: Option<Uuid>) -> bool {
        viewer == Some(self.row.member)
    }

    /// Among a film's reviews: the film goes without saying.
    pub fn card(&self, looking: &Looking) -> ReviewCard<'_> {
        let row = &self.row;
        let who = match looking.viewer {
            None if looking.is_past => Liker::Nobody,
            None => Liker::Stranger,
            Some(_) if self.is_by(looking.viewer) => Liker::Author,
            Some(_) => Liker::Member,
        };
        ReviewCard {
            href: &self.href,
            author: self.author(),
            film: None,
            half_stars: self.half_stars(),
            text: row.text.as_deref(),
            is_removed: row.removed,
            is_spoiler: row.spoiler,
            watched_on: row.watched_on,
            at: row.posted_at,
            edited_at: row.edited_at,
            like: Like {
                action: &self.like_action,
                api: &self.like_api,
                count: count(row.likes),
                is_liked: row.liked,
                who,
            },
            comments: count(row.comments),
            is_whole: false,
            hidden: self.hidden_href.as_deref(),
        }
    }

    pub fn film(&self, language: Language) -> FilmCard<'_> {
        FilmCard {
            href: &self.film_href,
            title: self.film_title(language),
            year: self.row.year,
            genre: first_genre(&self.row.genres),
            seed: &self.seed,
            image: self.row.poster.as_deref(),
            average: None,
        }
    }

    /// 1 to 10.
    pub fn half_stars(&self) -> u8 {
        u8::try_from(self.row.rating).unwrap_or(0)
    }

    pub fn card_with_film(&self, looking: &Looking) -> ReviewCard<'_> {
        ReviewCard {
            film: Some(self.film(looking.language)),
            ..self.card(looking)
        }
    }

    pub fn whole_card(&self, looking: &Looking) -> ReviewCard<'_> {
        ReviewCard {
            is_whole: true,
            ..self.card_with_film(looking)
        }
    }
}

/// A comment under a review.
pub struct Said {
    row: comments::CommentCard,
    id: String,
    author_href: String,
    edit_href: String,
    retract_action: String,
    report_href: String,
    hidden_href: Option<String>,
    is_own: bool,
    is_stranger: bool,
}

impl Said {
    pub fn all(rows: Vec<comments::CommentCard>, viewer: Option<Uuid>) -> Vec<Said> {
        let said = |row: comments::CommentCard| Said {
            id: row.comment.to_string(),
            author_href: format!("/members/{}", row.member),
            edit_href: format!("/comments/{}/edit", row.comment),
            retract_action: format!("/comments/{}/retract", row.comment),
            report_href: format!("/comments/{}/report", row.comment),
            hidden_href: row.hidden_by.map(why_hidden),
            is_own: viewer == Some(row.member),
            is_stranger: viewer.is_none(),
            row,
        };
        rows.into_iter().map(said).collect()
    }

    pub fn comment(&self) -> Comment<'_> {
        Comment {
            id: &self.id,
            author: author(self.row.member_name.as_deref(), &self.author_href),
            text: self.row.text.as_deref(),
            named: &self.row.named,
            at: self.row.posted_at,
            edited_at: self.row.edited_at,
            own: self.is_own.then_some(OwnComment {
                edit_href: &self.edit_href,
                retract_action: &self.retract_action,
            }),
            hidden: self.hidden_href.as_deref(),
            report_href: (!self.is_own && !self.is_stranger).then_some(self.report_href.as_str()),
        }
    }
}

/// To whoever sees what others don't.
fn why_hidden(measure: Uuid) -> String {
    format!("/settings/measures#measure-{measure}")
}

fn author<'a>(name: Option<&'a str>, href: &'a str) -> Author<'a> {
    Author {
        name,
        href: name.map(|_| href),
    }
}
