//! `/notifications`: what the caller is told.

use chrono::{DateTime, Utc};
use commands::notifications::SeeNotifications;
use projections::Snapshot;
use projections::notifications::{self, NotificationCard};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::films::{FilmTitle, Translated};
use super::list::{List, ListQuery};
use super::members::Author;
use super::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Query};
use crate::markdown;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_notifications))
        .routes(routes!(count_unseen, see_notifications))
}

/// Something that the caller is told.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Notification {
    /// The log's position of what happened: larger is newer.
    pub position: i64,
    /// In rooms `mention`, `reply` or `invitation`; of the caller's review `like` or `comment`, of one
    /// on which they commented `comment-after`, of a comment that names them `comment-mention`; of what
    /// the site's moderators did `hidden`, `suspended`, `lifted`, `appeal-granted` or `appeal-refused`;
    /// `follow`.
    pub kind: String,
    /// Who caused it, or who liked or commented last; null: moderators of the site.
    #[schema(required = true)]
    pub by: Option<Author>,
    /// Who liked or commented before them; null: nobody.
    #[schema(required = true)]
    pub also: Option<Author>,
    /// How many more did the same. 999: that many and maybe more.
    pub others: i64,
    /// The room's id; null: it is of none.
    #[schema(required = true)]
    pub room: Option<Uuid>,
    /// What the moderators did: see `/me/measures`.
    #[schema(required = true)]
    pub measure: Option<Uuid>,
    #[schema(required = true)]
    pub room_name: Option<String>,
    /// The message's sequence number; null: it is of none.
    #[schema(required = true)]
    pub seq: Option<i64>,
    /// The review's id; null: it is of none.
    #[schema(required = true)]
    pub review: Option<Uuid>,
    /// Of the review.
    #[schema(required = true)]
    pub film: Option<FilmTitle>,
    /// The newest comment's id; null: it is of none.
    #[schema(required = true)]
    pub comment: Option<Uuid>,
    /// One line of the message or the comment; null: there is none any more, or it is a spoiler.
    #[schema(required = true)]
    pub excerpt: Option<String>,
    pub at: DateTime<Utc>,
    pub seen: bool,
}

/// How many the caller has not seen.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Unseen {
    /// 100: that many and maybe more.
    pub unseen: i64,
}

/// Up to where the caller has seen theirs.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenUpTo {
    position: i64,
}

/// Lists what the caller is told, newest first.
#[utoipa::path(get, path = "/notifications", tag = "notifications", params(ListQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "A page of notifications", body = List<Notification>)))]
pub async fn list_notifications(
    mut reading: Reading,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Answer {
    let (after, limit) = query.read()?;
    let member = caller.member.0;
    let page = notifications::of_member(&mut reading.snapshot, member, after, limit).await;
    let list = List::of(page.map_err(failed)?, Notification::from);
    Ok(reading.respond(Json(list)))
}

/// Counts what the caller has not seen.
#[utoipa::path(get, path = "/notifications/seen", tag = "notifications",
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "How many are new", body = Unseen)))]
pub async fn count_unseen(mut reading: Reading, caller: Caller) -> Answer {
    let unseen = unseen(&mut reading.snapshot, &caller).await?;
    Ok(reading.respond(Json(unseen)))
}

/// Says up to where the caller has seen them. It never goes back.
#[utoipa::path(put, path = "/notifications/seen", tag = "notifications",
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "How many are new", body = Unseen)))]
pub async fn see_notifications(
    mut asking: Asking,
    caller: Caller,
    Json(body): Json<SeenUpTo>,
) -> Answer {
    let position = see(&mut asking, &caller, body.position).await?;
    let mut snapshot = asking.read_at(position).await?;
    let unseen = unseen(&mut snapshot, &caller).await?;
    drop(snapshot);
    Ok(asking.respond(position, Json(unseen)))
}

/// Also for the page.
pub async fn see(asking: &mut Asking, caller: &Caller, position: i64) -> Result<i64, Problem> {
    let member = caller.member;
    // nobody has seen what is to come
    let there = asking.read_now().await?.position;
    let command = SeeNotifications {
        member,
        position: position.min(there),
    };
    asking
        .record(Some(member), "see-notifications", &position, command)
        .await
}

async fn unseen(snapshot: &mut Snapshot, caller: &Caller) -> Result<Unseen, Problem> {
    let unseen = notifications::unseen(snapshot, caller.member.0).await;
    Ok(Unseen {
        unseen: unseen.map_err(failed)?,
    })
}

impl From<NotificationCard> for Notification {
    fn from(card: NotificationCard) -> Notification {
        let text = card.text.filter(|_| card.spoiler != Some(true));
        let author = |id, name| Author { id, name };
        let title = card.title_en.zip(card.title_ko);
        let title = title.map(|(en, ko)| Translated { en, ko });
        let film = card.film.zip(title);
        Notification {
            position: card.position,
            kind: card.kind,
            by: card.caused_by.map(|id| author(id, card.caused_by_name)),
            also: card.also.map(|id| author(id, card.also_name)),
            others: card.others,
            review: card.review,
            film: film.map(|(id, title)| FilmTitle { id, title }),
            comment: card.comment,
            measure: card.measure,
            room: card.room,
            room_name: card.room_name,
            seq: card.seq,
            excerpt: text.map(|text| markdown::excerpt(&text, 160)),
            at: card.at,
            seen: card.seen,
        }
    }
}
