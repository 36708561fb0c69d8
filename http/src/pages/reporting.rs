//! Telling the site's moderators of a review, a comment or a member.

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use domain::{CommentId, MemberId, ReviewId, Thing};
use maud::html;
use projections::{comments, members, reviews};
use serde::Deserialize;
use uuid::Uuid;

use crate::app::App;
use crate::asking::Asking;
use crate::components::{Field, command, error_summary, text_area};
use crate::extract::{Form, Path};
use crate::fields::Fields;
use crate::flash::Flash;
use crate::layout::Page;
use crate::markdown;
use crate::moderation;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::pages::sign_in_first;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::t;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/reviews/{review}/report", get(review_form).post(review))
        .route(
            "/comments/{comment}/report",
            get(comment_form).post(comment),
        )
        .route("/members/{member}/report", get(member_form).post(member))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    command: Option<String>,
    reason: String,
}

/// `GET /reviews/{review}/report`: 200, 404; strangers sign in first.
async fn review_form(Path(review): Path<Uuid>, reading: Reading) -> Result<Response, Problem> {
    let review = ReviewId(review);
    first(reading, Thing::Review { review }).await
}

/// `POST /reviews/{review}/report`: 303 to the review, 403 for one's own, 404, 422 with the form.
async fn review(
    Path(review): Path<Uuid>,
    reading: Reading,
    asking: Result<Asking, Problem>,
    Form(told): Form<Told>,
) -> Result<Response, Problem> {
    let review = ReviewId(review);
    tell(reading, asking, Thing::Review { review }, &told).await
}

/// `GET /comments/{comment}/report`: 200, 404; strangers sign in first.
async fn comment_form(Path(comment): Path<Uuid>, reading: Reading) -> Result<Response, Problem> {
    let comment = CommentId(comment);
    first(reading, Thing::Comment { comment }).await
}

/// `POST /comments/{comment}/report`: 303 to the comment, 403 for one's own, 404, 422.
async fn comment(
    Path(comment): Path<Uuid>,
    reading: Reading,
    asking: Result<Asking, Problem>,
    Form(told): Form<Told>,
) -> Result<Response, Problem> {
    let comment = CommentId(comment);
    tell(reading, asking, Thing::Comment { comment }, &told).await
}

/// `GET /members/{member}/report`: 200, 404; strangers sign in first.
async fn member_form(Path(member): Path<Uuid>, reading: Reading) -> Result<Response, Problem> {
    let member = MemberId(member);
    first(reading, Thing::Member { member }).await
}

/// `POST /members/{member}/report`: 303 to the member, 403 for oneself, 404, 422 with the form.
async fn member(
    Path(member): Path<Uuid>,
    reading: Reading,
    asking: Result<Asking, Problem>,
    Form(told): Form<Told>,
) -> Result<Response, Problem> {
    let member = MemberId(member);
    tell(reading, asking, Thing::Member { member }, &told).await
}

async fn first(mut reading: Reading, about: Thing) -> Result<Response, Problem> {
    let seen = seen(&mut reading, about).await?;
    let attempt = Attempt::first();
    let page = page(&reading, about, &seen, "", &attempt);
    Ok(reading.respond(attempt.respond(page)))
}

async fn tell(
    mut reading: Reading,
    asking: Result<Asking, Problem>,
    about: Thing,
    told: &Told,
) -> Result<Response, Problem> {
    let Some(caller) = reading.caller.clone() else {
        return Ok(sign_in_first(&format!("{}/report", place(about))));
    };
    let seen = seen(&mut reading, about).await?;
    match record(&caller, asking, about, told).await {
        Err(problem) if can_be_mended(&problem) && problem.slug() != "own-thing" => {
            let attempt = Attempt::again(problem, told.command.as_deref());
            Ok(attempt.respond(page(&reading, about, &seen, &told.reason, &attempt)))
        }
        recorded => recorded,
    }
}

async fn record(
    caller: &Caller,
    asking: Result<Asking, Problem>,
    about: Thing,
    told: &Told,
) -> Result<Response, Problem> {
    let asking = asking?.with_form_key(told.command.as_deref())?;
    let mut fields = Fields::default();
    let reason = fields.reason("reason", &told.reason);
    let reason = fields.finish(|| reason)?;
    let position = moderation::report(&asking, caller, about, reason).await?;
    Ok(asking.respond(position, Flash::Reported.redirect(&place(about))))
}

/// The page that a thing is on.
fn place(about: Thing) -> String {
    match about {
        Thing::Review { review } => format!("/reviews/{review}"),
        Thing::Comment { comment } => format!("/comments/{comment}"),
        Thing::Message { room, message } => format!("/rooms/{room}?around={message}#m-{message}"),
        Thing::Member { member } => format!("/members/{member}"),
    }
}

/// What the reader sees of it: its author's name and a line of it.
async fn seen(
    reading: &mut Reading,
    about: Thing,
) -> Result<(Option<String>, Option<String>), Problem> {
    let viewer = reading.viewer();
    let snapshot = &mut reading.snapshot;
    let found = match about {
        Thing::Review { review } => {
            let card = reviews::by_id(snapshot, review.0, viewer).await;
            card.map_err(failed)?
                .map(|card| (card.member_name, card.text))
        }
        Thing::Comment { comment } => {
            let card = comments::by_id(snapshot, comment.0, viewer).await;
            card.map_err(failed)?
                .map(|card| (card.member_name, card.text))
        }
        Thing::Member { member } => {
            let row = members::by_id(snapshot, member.0).await.map_err(failed)?;
            let row = row.filter(|row| !row.withdrawn);
            row.map(|row| (row.name, Some(row.about)))
        }
        // it has a page of its own, in its room
        Thing::Message { .. } => None,
    };
    found.ok_or_else(Problem::not_found)
}

fn page(
    reading: &Reading,
    about: Thing,
    (name, text): &(Option<String>, Option<String>),
    typed: &str,
    attempt: &Attempt,
) -> Page {
    let language = reading.visitor.language;
    let problem = attempt.problem();
    let title = match about {
        Thing::Review { .. } => t!(language, "report-review-title"),
        Thing::Comment { .. } => t!(language, "report-comment-title"),
        Thing::Message { .. } => t!(language, "room-report-title"),
        Thing::Member { .. } => t!(language, "report-member-title"),
    };
    let field = Field {
        name: "reason",
        kind: "text",
        label: t!(language, "report-reason"),
        hint: Some(t!(language, "report-hint")),
        value: typed,
        autocomplete: "off",
        most_characters: None,
    };
    let content = html! {
        form class="form" method="post" action={ (place(about)) "/report" } {
            h1 { (title) }
            blockquote {
                strong { (name.clone().unwrap_or_else(|| t!(language, "former-member"))) }
                @if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
                    br; (markdown::excerpt(text, 300))
                }
            }
            (error_summary(language, problem))
            (command(&attempt.command))
            (text_area(language, &field, 3, None, problem))
            p class="actions" {
                button class="button" type="submit" { (t!(language, "report-this")) }
                a class="button quiet" href=(place(about)) { (t!(language, "cancel")) }
            }
        }
    };
    Page::new(reading.visitor.clone(), title, content)
}
