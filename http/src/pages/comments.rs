//! Commenting on a review, and editing and retracting one's comments.

use axum::extract::State;
use axum::response::Response;
use commands::comment::RetractComment;
use domain::{CommentId, CommentText, ReviewId};
use maud::html;
use projections::comments::{self, CommentCard};
use serde::Deserialize;
use uuid::Uuid;

use crate::api::comments as api;
use crate::app::App;
use crate::asking::{Asking, Sent};
use crate::components::comment_form;
use crate::cursor;
use crate::extract::{Form, Path};
use crate::fields::Fields;
use crate::flash::{self, Flash};
use crate::layout::Page;
use crate::mentions::mentioned_at;
use crate::pages::Bare;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::pages::reviews::{COMMENTS, Shown};
use crate::pages::rows::in_language;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::t;
use crate::visitor::Visitor;

#[derive(Deserialize)]
pub struct Typed {
    command: Option<String>,
    #[serde(default)]
    text: String,
}

impl Typed {
    fn value(&self) -> Result<CommentText, Problem> {
        let mut fields = Fields::default();
        let text = fields.comment("text", &self.text);
        fields.finish(|| text)
    }
}

/// `POST /reviews/{review}/comments`: 303 to the comment, 404, 422 with the form.
pub async fn comment(
    Path(review): Path<Uuid>,
    State(app): State<App>,
    caller: Caller,
    mut sent: Sent,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    match record(&app, &caller, ReviewId(review), &mut sent, &typed).await {
        Ok(response) => Ok(response),
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            let mut reading = sent.look().await?;
            let shown = Shown::load(&mut reading, review, None).await?;
            Ok(attempt.respond(shown.page(&reading, &typed.text, &attempt)))
        }
        Err(problem) => Err(problem),
    }
}

async fn record(
    app: &App,
    caller: &Caller,
    review: ReviewId,
    sent: &mut Sent,
    typed: &Typed,
) -> Result<Response, Problem> {
    let asking = sent.asking(typed.command.as_deref())?;
    let text = typed.value()?;
    let told = api::Told::of(app, &mut *asking.read_now().await?, review, &text).await?;
    let (comment, position) = api::post(asking, caller, review, text, told).await?;
    let to = format!("/comments/{comment}");
    Ok(asking.respond(position, Flash::CommentPosted.redirect(&to)))
}

/// `GET /comments/{comment}`: 303 to the page of its review that holds it, 404.
pub async fn show(Path(comment): Path<Uuid>, mut reading: Reading) -> Result<Response, Problem> {
    let viewer = reading.viewer();
    let found = comments::page_of(&mut reading.snapshot, comment, viewer, COMMENTS);
    let (review, after) = found
        .await
        .map_err(failed)?
        .ok_or_else(Problem::not_found)?;
    let cursor = after.map_or_else(String::new, |position| {
        format!("?cursor={}", cursor::encode(&position))
    });
    let to = format!("/reviews/{review}{cursor}#comment-{comment}");
    Ok(reading.respond(flash::redirect(&to)))
}

/// `GET /comments/{comment}/edit`: 200, 404; strangers sign in first.
pub async fn form(
    Path(comment): Path<Uuid>,
    caller: Caller,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let row = own(&mut reading, &caller, comment)
        .await?
        .ok_or_else(Problem::not_found)?;
    let attempt = Attempt::first();
    let page = page(
        &reading.visitor,
        &row,
        row.text.as_deref().unwrap_or_default(),
        &attempt,
    );
    Ok(reading.respond(attempt.respond(page)))
}

/// `POST /comments/{comment}/edit`: 303 to the comment, 404, 422 with the form.
pub async fn edit(
    Path(comment): Path<Uuid>,
    State(app): State<App>,
    caller: Caller,
    mut sent: Sent,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let row = own(&mut *sent.look().await?, &caller, comment).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    match record_edit(&app, &caller, &row, &mut sent, &typed).await {
        Ok(response) => Ok(response),
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            Ok(attempt.respond(page(sent.visitor(), &row, &typed.text, &attempt)))
        }
        Err(problem) => Err(problem),
    }
}

async fn record_edit(
    app: &App,
    caller: &Caller,
    row: &CommentCard,
    sent: &mut Sent,
    typed: &Typed,
) -> Result<Response, Problem> {
    let asking = sent.asking(typed.command.as_deref())?;
    let (text, comment) = (typed.value()?, CommentId(row.comment));
    let mentions = mentioned_at(app, &mut *asking.read_now().await?, text.as_str()).await?;
    let position = api::edit(asking, caller, comment, text, mentions).await?;
    let to = format!("/comments/{comment}");
    Ok(asking.respond(position, Flash::CommentSaved.redirect(&to)))
}

/// `POST /comments/{comment}/retract`: 303 to the review, 404.
pub async fn retract(
    Path(comment): Path<Uuid>,
    caller: Caller,
    asking: Asking,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(bare.command.as_deref())?;
    let row = own(&mut *asking.look().await?, &caller, comment).await?;
    let command = RetractComment {
        comment: CommentId(comment),
        member: caller.member,
    };
    let accepted = asking
        .execute(Some(caller.member), "retract-comment", &comment, command)
        .await?;
    // Sent twice, the second does not find it any more.
    let to = row.map_or_else(
        || format!("/members/{}?view=comments", caller.member),
        |row| format!("/reviews/{}#comments", row.review),
    );
    Ok(asking.respond(accepted.position, Flash::CommentRetracted.redirect(&to)))
}

/// Someone else's is not found.
async fn own(
    reading: &mut Reading,
    caller: &Caller,
    comment: Uuid,
) -> Result<Option<CommentCard>, Problem> {
    let row = comments::by_id(&mut reading.snapshot, comment, Some(caller.member.0))
        .await
        .map_err(failed)?;
    Ok(row.filter(|row| row.member == caller.member.0))
}

fn page(visitor: &Visitor, row: &CommentCard, text: &str, attempt: &Attempt) -> Page {
    let language = visitor.language;
    let film = in_language(language, &row.title_en, &row.title_ko);
    let action = format!("/comments/{}/edit", row.comment);
    let content = html! {
        header class="page-head" {
            h1 { (t!(language, "comment-edit")) }
            p class="lead" {
                a href={ "/reviews/" (row.review) } {
                    (t!(language, "member-commented-on", film = film))
                }
            }
        }
        (comment_form(language, &action, &attempt.command, text, true, attempt.problem()))
    };
    Page::new(visitor.clone(), t!(language, "comment-edit"), content)
}
