//! A review with its likes and comments, and what can be done with it.

use axum::response::Response;
use domain::ReviewId;
use maud::{Markup, html};
use projections::{comments, reviews};
use uuid::Uuid;

use crate::asking::Asking;
use crate::components::{Comment, comment_form, comment_list, pagination, review_card};
use crate::cursor;
use crate::extract::{Form, Path, Query};
use crate::flash::{self, Flash};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::attempt::Attempt;
use crate::pages::film::own_actions;
use crate::pages::films::From;
use crate::pages::rows::{Looking, Review, Said, count};
use crate::pages::{Bare, Next, leading_to};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::t;

/// On one page of a review.
pub const COMMENTS: i64 = 50;

/// A review and a page of what is said under it.
pub struct Shown {
    pub review: Review,
    said: Vec<Said>,
    /// Not the first page.
    is_later: bool,
    next: Option<String>,
}

impl Shown {
    pub async fn load(
        reading: &mut Reading,
        review: Uuid,
        after: Option<i64>,
    ) -> Result<Shown, Problem> {
        let viewer = reading.viewer();
        let mut looking = Looking::of(reading);
        // A form that came back has another address.
        looking.path = format!("/reviews/{review}");
        let snapshot = &mut reading.snapshot;
        let row = reviews::by_id(snapshot, review, viewer)
            .await
            .map_err(failed)?;
        let row = row.ok_or_else(Problem::not_found)?;
        let page = comments::of_review(snapshot, review, viewer, after, COMMENTS)
            .await
            .map_err(failed)?;
        Ok(Shown {
            review: Review::new(row, &looking),
            said: Said::all(page.items, viewer),
            is_later: after.is_some(),
            next: page.next.map(|next| cursor::encode(&next)),
        })
    }

    /// `text` is what stands in the form for a comment.
    pub fn page(&self, reading: &Reading, text: &str, attempt: &Attempt) -> Page {
        let looking = Looking::of(reading);
        let language = looking.language;
        let review = &self.review;
        let (title, description) = self.told(language);
        let content = html! {
            section {
                div class="reviews" { (review_card(language, &review.whole_card(&looking))) }
                @if review.is_by(looking.viewer) {
                    (own_actions(language, review))
                } @else if looking.viewer.is_some() {
                    p class="report-link" {
                        a href={ (review.href) "/report" } { (t!(language, "report-this")) }
                    }
                }
            }
            section id="comments" class="conversation" {
                div class="section-head" {
                    h2 {
                        @match count(review.row.comments) {
                            0 => (t!(language, "comments-heading")),
                            said => (t!(language, "comments-count", count = said)),
                        }
                    }
                }
                (self.comments(language))
                @if looking.viewer.is_some() {
                    (comment_form(
                        language,
                        &format!("{}/comments", review.href),
                        &attempt.command,
                        text,
                        false,
                        attempt.problem(),
                    ))
                } @else if !looking.is_past {
                    p class="actions" {
                        a class="button quiet" href=(leading_to("/sign-in", &review.href)) {
                            (t!(language, "comment-sign-in"))
                        }
                    }
                }
            }
        };
        let mut visitor = reading.visitor.clone();
        visitor.path.clone_from(&review.href);
        Page::new(visitor, title, content).description(description)
    }

    fn comments(&self, language: Language) -> Markup {
        let here = format!("{}#comments", self.review.href);
        let next = self.next.as_ref();
        let next = next.map(|next| format!("{}?cursor={next}#comments", self.review.href));
        let said: Vec<Comment> = self.said.iter().map(Said::comment).collect();
        html! {
            (comment_list(language, &said))
            (pagination(language, self.is_later.then_some(here.as_str()), next.as_deref()))
        }
    }

    /// Title and description.
    fn told(&self, language: Language) -> (String, String) {
        let film = self.review.film_title(language);
        let name = self.review.author().shown_name(language);
        let title = match &self.review.row.member_name {
            Some(name) => t!(language, "review-title", name = name, film = film),
            None => t!(language, "review-title-former", film = film),
        };
        (
            title,
            t!(language, "review-description", name = name, film = film),
        )
    }
}

/// `GET /reviews/{review}?cursor={cursor}`: 200, 400, 404.
pub async fn show(
    Path(review): Path<Uuid>,
    Query(from): Query<From>,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let after = cursor::decode(from.cursor.as_deref())?;
    let shown = Shown::load(&mut reading, review, after).await?;
    let page = shown.page(&reading, "", &Attempt::first());
    Ok(reading.respond(page))
}

/// `POST /reviews/{review}/like?next={path}`: 303 to where the heart was pressed.
pub async fn like(
    Path(review): Path<Uuid>,
    Query(Next { next }): Query<Next>,
    caller: Caller,
    asking: Asking,
) -> Result<Response, Problem> {
    let next = back(&next, review);
    let command = commands::like::Like {
        member: caller.member,
        review: ReviewId(review),
    };
    let accepted = asking
        .execute(Some(caller.member), "like", &review, command)
        .await?;
    Ok(asking.respond(accepted.position, flash::redirect(&next)))
}

/// `POST /reviews/{review}/unlike?next={path}`: 303 to where the heart was pressed.
pub async fn unlike(
    Path(review): Path<Uuid>,
    Query(Next { next }): Query<Next>,
    caller: Caller,
    asking: Asking,
) -> Result<Response, Problem> {
    let next = back(&next, review);
    let command = commands::like::Unlike {
        member: caller.member,
        review: ReviewId(review),
    };
    let accepted = asking
        .execute(Some(caller.member), "unlike", &review, command)
        .await?;
    Ok(asking.respond(accepted.position, flash::redirect(&next)))
}

fn back(next: &str, review: Uuid) -> String {
    if next.is_empty() {
        format!("/reviews/{review}")
    } else {
        flash::safe_path(next).to_owned()
    }
}

/// `POST /reviews/{review}/retract`: 303 to the film, 404.
pub async fn retract(
    Path(review): Path<Uuid>,
    caller: Caller,
    asking: Asking,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(bare.command.as_deref())?;
    let row = reviews::by_id(&mut *asking.read_now().await?, review, None)
        .await
        .map_err(failed)?;
    let command = commands::review::Retract {
        member: caller.member,
        review: ReviewId(review),
    };
    let accepted = asking
        .execute(Some(caller.member), "retract", &review, command)
        .await?;
    // Sent twice, the second does not find it any more.
    let next = row.map_or_else(
        || format!("/members/{}", caller.member),
        |row| format!("/films/{}", row.film),
    );
    Ok(asking.respond(accepted.position, Flash::ReviewRetracted.redirect(&next)))
}
