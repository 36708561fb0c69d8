//! `/reviews/{review}/comments` and `/comments`: what is said under reviews.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use chrono::{DateTime, Utc};
use commands::comment::MOST_TOLD;
use domain::{CommentId, CommentText, MemberId, ReviewId};
use projections::Snapshot;
use projections::comments::{self, CommentCard};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::films::{FilmTitle, Translated};
use super::list::{List, ListQuery};
use super::members::Author;
use super::reviews::standing;
use super::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path, Query};
use crate::fields::Fields;
use crate::markdown;
use crate::mentions::{mentioned, mentioned_at};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_comments, post_comment))
        .routes(routes!(show_comment, edit_comment, retract_comment))
}

/// A comment under a review.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Comment {
    pub id: Uuid,
    /// The review's id.
    pub review: Uuid,
    pub film: FilmTitle,
    pub member: Author,
    /// Markdown; null: removed at its author's wish.
    #[schema(required = true)]
    pub text: Option<String>,
    /// The text as HTML that is safe to show.
    #[schema(required = true)]
    pub text_html: Option<String>,
    /// Who is named in it: their ids.
    pub mentions: Vec<Uuid>,
    pub posted_at: DateTime<Utc>,
    #[schema(required = true)]
    pub edited_at: Option<DateTime<Utc>>,
    /// The measure that hides it from all but the caller; null: everybody sees it.
    #[schema(required = true)]
    pub hidden_by: Option<Uuid>,
}

/// What a member says under a review.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    /// Markdown.
    #[serde(default)]
    #[schema(required = true, min_length = 1, max_length = 2_000)]
    text: String,
}

impl NewComment {
    fn check(&self) -> Result<CommentText, Problem> {
        let mut fields = Fields::default();
        let text = fields.comment("text", &self.text);
        fields.finish(|| text)
    }
}

/// Lists a review's comments, oldest first.
#[utoipa::path(get, path = "/reviews/{review}/comments", tag = "comments",
    params(("review" = Uuid, Path), ListQuery),
    responses((status = 200, description = "A page of comments", body = List<Comment>)))]
pub async fn list_comments(
    mut reading: Reading,
    Path(review): Path<Uuid>,
    Query(query): Query<ListQuery>,
) -> Answer {
    standing(&mut reading, review).await?;
    let (after, limit) = query.read()?;
    let viewer = reading.viewer();
    let page = comments::of_review(&mut reading.snapshot, review, viewer, after, limit).await;
    let list = List::of(page.map_err(failed)?, Comment::from);
    Ok(reading.respond(Json(list)))
}

/// Comments on a review.
#[utoipa::path(post, path = "/reviews/{review}/comments", tag = "comments",
    params(("review" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 201, description = "The comment is posted", body = Comment,
        headers(("Location" = String, description = "The comment")))))]
pub async fn post_comment(
    State(app): State<App>,
    mut asking: Asking,
    caller: Caller,
    Path(review): Path<Uuid>,
    Json(body): Json<NewComment>,
) -> Answer {
    let (text, review) = (body.check()?, ReviewId(review));
    let mut snapshot = asking.read_now().await?;
    let told = Told::of(&app, &mut snapshot, review, &text).await?;
    drop(snapshot);
    let (comment, position) = post(&asking, &caller, review, text, told).await?;
    let answer = written(&mut asking, position, (comment, caller.member)).await?;
    let location = [(LOCATION, format!("/api/v1/comments/{comment}"))];
    Ok(asking.respond(position, (StatusCode::CREATED, location, answer)))
}

/// Who is told of a comment, besides whose review it is under.
pub struct Told {
    mentions: Vec<MemberId>,
    among: Vec<MemberId>,
}

impl Told {
    pub async fn of(
        app: &App,
        snapshot: &mut Snapshot,
        review: ReviewId,
        text: &CommentText,
    ) -> Result<Told, Problem> {
        // the comment's author may be among them, and the review's
        let most = i64::try_from(MOST_TOLD + 2).expect("a few");
        let spoke = comments::spoke_last(snapshot, review.0, most).await;
        let spoke = spoke.map_err(failed)?.into_iter();
        Ok(Told {
            mentions: mentioned_at(app, snapshot, text.as_str()).await?,
            among: spoke.map(MemberId).collect(),
        })
    }
}

/// Also for the page. Gives the comment, and the log's position of it.
pub async fn post(
    asking: &Asking,
    caller: &Caller,
    review: ReviewId,
    text: CommentText,
    told: Told,
) -> Result<(CommentId, i64), Problem> {
    let member = caller.member;
    let said = (review, text.as_str().to_owned());
    // another member's request may have the same key
    let comment = CommentId(asking.made_id(Some(member), "comment"));
    let command = commands::comment::Comment {
        comment,
        member,
        review,
        text,
        mentions: told.mentions,
        among: told.among,
    };
    let position = asking
        .record(Some(member), "comment", &said, command)
        .await?;
    Ok((comment, position))
}

/// Shows a comment.
#[utoipa::path(get, path = "/comments/{comment}", tag = "comments",
    params(("comment" = Uuid, Path)),
    responses((status = 200, description = "The comment", body = Comment)))]
pub async fn show_comment(mut reading: Reading, Path(comment): Path<Uuid>) -> Answer {
    let viewer = reading.viewer();
    let comment = find(&mut reading.snapshot, comment, viewer).await?;
    Ok(reading.respond(Json(comment)))
}

/// Edits one's own comment.
#[utoipa::path(patch, path = "/comments/{comment}", tag = "comments",
    params(("comment" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The comment is edited", body = Comment)))]
pub async fn edit_comment(
    State(app): State<App>,
    mut asking: Asking,
    caller: Caller,
    Path(comment): Path<Uuid>,
    Json(body): Json<NewComment>,
) -> Answer {
    let (text, comment) = (body.check()?, CommentId(comment));
    let mentions = mentioned(&app, text.as_str()).await?;
    let position = edit(&asking, &caller, comment, text, mentions).await?;
    let answer = written(&mut asking, position, (comment, caller.member)).await?;
    Ok(asking.respond(position, answer))
}

/// Also for the page.
pub async fn edit(
    asking: &Asking,
    caller: &Caller,
    comment: CommentId,
    text: CommentText,
    mentions: Vec<MemberId>,
) -> Result<i64, Problem> {
    let member = caller.member;
    let said = (comment, text.as_str().to_owned());
    let command = commands::comment::EditComment {
        comment,
        member,
        text,
        mentions,
    };
    asking
        .record(Some(member), "edit-comment", &said, command)
        .await
}

/// Retracts one's own comment.
///
/// Retracting it again changes nothing.
#[utoipa::path(delete, path = "/comments/{comment}", tag = "comments",
    params(("comment" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The comment is gone")))]
pub async fn retract_comment(asking: Asking, caller: Caller, Path(comment): Path<Uuid>) -> Answer {
    let (member, comment) = (caller.member, CommentId(comment));
    let command = commands::comment::RetractComment { comment, member };
    let accepted = asking
        .execute(Some(member), "retract-comment", &comment, command)
        .await?;
    Ok(asking.respond(accepted.position, StatusCode::NO_CONTENT))
}

async fn written(
    asking: &mut Asking,
    position: i64,
    (comment, author): (CommentId, MemberId),
) -> Result<Json<Comment>, Problem> {
    let mut snapshot = asking.read_at(position).await?;
    find(&mut snapshot, comment.0, Some(author.0))
        .await
        .map(Json)
}

async fn find(
    snapshot: &mut Snapshot,
    comment: Uuid,
    viewer: Option<Uuid>,
) -> Result<Comment, Problem> {
    let card = comments::by_id(snapshot, comment, viewer).await;
    let card = card.map_err(failed)?;
    card.map(Comment::from).ok_or_else(Problem::not_found)
}

impl From<CommentCard> for Comment {
    fn from(card: CommentCard) -> Comment {
        let text_html = card
            .text
            .as_deref()
            .map(|text| markdown::render_naming(text, &card.named).into_string());
        Comment {
            id: card.comment,
            review: card.review,
            film: FilmTitle {
                id: card.film,
                title: Translated {
                    en: card.title_en,
                    ko: card.title_ko,
                },
            },
            member: Author {
                id: card.member,
                name: card.member_name,
            },
            text: card.text,
            text_html,
            mentions: card.mentions.0,
            posted_at: card.posted_at,
            edited_at: card.edited_at,
            hidden_by: card.hidden_by,
        }
    }
}
