//! Writing a review of a film, or editing the one that stands.

use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use commands::review::Review;
use domain::{FilmId, Rating, ReviewId, ReviewText};
use projections::reviews::{self, ReviewCard};
use projections::{films, merged_films};
use serde::Deserialize;
use uuid::Uuid;

use crate::asking::Sent;
use crate::components::{ReviewForm, review_form};
use crate::extract::{Form, Path};
use crate::fields::{Fields, today_somewhere};
use crate::flash::Flash;
use crate::fresh;
use crate::layout::Page;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::pages::film::own;
use crate::pages::rows::in_language;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::t;
use crate::visitor::Visitor;

/// The form's address: a film has one for each member.
pub fn address(film: Uuid) -> String {
    format!("/films/{film}/review")
}

/// Stars, words, and when the film was seen.
type Values = (Rating, Option<ReviewText>, Option<NaiveDate>);

#[derive(Default, Deserialize)]
pub struct Typed {
    command: Option<String>,
    #[serde(default)]
    rating: String,
    #[serde(default)]
    text: String,
    spoiler: Option<String>,
    #[serde(default)]
    watched_on: String,
}

impl Typed {
    /// For the form: none if it was none.
    fn half_stars(&self) -> Option<u8> {
        Rating::from_stars(self.stars()?)
            .ok()
            .map(Rating::half_stars)
    }

    /// What is no number is no rating either.
    fn stars(&self) -> Option<f64> {
        (!self.rating.is_empty()).then(|| self.rating.parse().unwrap_or(f64::NAN))
    }

    fn values(&self, now: DateTime<Utc>) -> Result<Values, Problem> {
        let mut fields = Fields::default();
        let rating = fields.rating("rating", self.stars());
        let text = fields.review("text", &self.text);
        let watched_on = fields.watched_on("watched_on", &self.watched_on, now);
        fields.finish(|| Some((rating?, text?, watched_on?)))
    }
}

/// What the form is about.
struct About {
    film: films::Film,
    /// Where the review that stands was posted.
    posted: Option<i64>,
    own: Option<ReviewId>,
    /// Films that were merged into this one.
    merged: Vec<FilmId>,
}

impl About {
    /// With the review that stands; 404 without the film.
    async fn of(reading: &mut Reading, film: Uuid) -> Result<(About, Option<ReviewCard>), Problem> {
        let row = films::by_id(&mut reading.snapshot, film).await;
        let row = row.map_err(failed)?.ok_or_else(Problem::not_found)?;
        let merged = merged_films::former(&mut reading.snapshot, film).await;
        let own = own(reading, film).await?;
        let about = About {
            film: row,
            posted: own.as_ref().map(|own| own.position),
            own: own.as_ref().map(|own| ReviewId(own.review)),
            merged: merged.map_err(failed)?,
        };
        Ok((about, own))
    }
}

/// `GET /films/{film}/review`: 200, 404; strangers sign in first.
pub async fn form(Path(film): Path<Uuid>, mut reading: Reading) -> Result<Response, Problem> {
    let (about, own) = About::of(&mut reading, film).await?;
    let typed = own.map_or_else(Typed::default, |own| Typed {
        command: None,
        rating: (f64::from(own.rating) / 2.0).to_string(),
        text: own.text.unwrap_or_default(),
        spoiler: own.spoiler.then(String::new),
        watched_on: own
            .watched_on
            .map(|day| day.to_string())
            .unwrap_or_default(),
    });
    let attempt = Attempt::first();
    let page = page(&reading.visitor, &about, &typed, &attempt);
    Ok(reading.respond(attempt.respond(page)))
}

/// `POST /films/{film}/review`: 303 to the review, 404, 422 with the form.
pub async fn review(
    Path(film): Path<Uuid>,
    caller: Caller,
    mut sent: Sent,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let (about, _) = About::of(&mut *sent.look().await?, film).await?;
    match record(&caller, &about, &mut sent, &typed).await {
        Ok(response) => Ok(response),
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            Ok(attempt.respond(page(sent.visitor(), &about, &typed, &attempt)))
        }
        Err(problem) => Err(problem),
    }
}

async fn record(
    caller: &Caller,
    about: &About,
    sent: &mut Sent,
    typed: &Typed,
) -> Result<Response, Problem> {
    let asking = sent.asking(typed.command.as_deref())?;
    let (rating, text, watched_on) = typed.values(asking.at())?;
    let spoiler = typed.spoiler.is_some();
    let said = (
        about.film.film,
        rating,
        text.as_ref().map(ReviewText::as_str),
        spoiler,
        watched_on,
    );
    let command = Review {
        member: caller.member,
        film: FilmId(about.film.film),
        rating,
        text: text.clone(),
        spoiler,
        watched_on,
        moved: reviews::is_moved(about.own, caller.member, FilmId(about.film.film)),
        merged: about.merged.clone(),
    };
    let review = command.review();
    let accepted = asking
        .execute(Some(caller.member), "review", &said, command)
        .await?;
    // Sent twice, the second finds the review that the first has posted.
    let is_new = about
        .posted
        .is_none_or(|posted| posted == accepted.position);
    let flash = if is_new {
        Flash::ReviewPosted
    } else {
        Flash::ReviewSaved
    };
    Ok(asking.respond(
        accepted.position,
        flash.redirect(&format!("/reviews/{review}")),
    ))
}

fn page(visitor: &Visitor, about: &About, typed: &Typed, attempt: &Attempt) -> Page {
    let language = visitor.language;
    let film = &about.film;
    let title = in_language(language, &film.title_en, &film.title_ko);
    let is_edit = about.posted.is_some();
    let form = ReviewForm {
        action: &address(film.film),
        command: &attempt.command,
        film_title: title,
        draft: &film.key,
        half_stars: typed.half_stars(),
        text: &typed.text,
        is_spoiler: typed.spoiler.is_some(),
        watched_on: &typed.watched_on,
        latest: today_somewhere(fresh::now()),
        is_edit,
        problem: attempt.problem(),
    };
    let heading = if is_edit {
        t!(language, "review-form-edit", film = title)
    } else {
        t!(language, "review-form-new", film = title)
    };
    Page::new(visitor.clone(), heading, review_form(language, &form))
}
