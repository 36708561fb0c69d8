//! `/films/{film}/watchlist` and `/members/{member}/watchlist`: what members want to see.

use chrono::{DateTime, Utc};
use commands::watchlist::{Add, Remove};
use domain::{FilmId, MemberId};
use projections::watchlist::{self, Entry, Interest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::films::FilmSummary;
use super::list::{List, ListQuery};
use super::{Answer, App, films, members};
use crate::asking::Asking;
use crate::extract::{Json, Path, Query};
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            show_interest,
            add_to_watchlist,
            remove_from_watchlist
        ))
        .routes(routes!(list_member_watchlist))
}

/// How much a film is wanted.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Wanted {
    /// By the member who asks.
    pub wanted: bool,
    /// By how many; more than 10,000 are not counted.
    #[schema(minimum = 0, maximum = 10_000)]
    pub count: i64,
}

/// A film that a member wants to see.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WatchlistEntry {
    pub film: FilmSummary,
    pub since: DateTime<Utc>,
}

/// Shows how many want to see a film, and whether the caller does.
#[utoipa::path(get, path = "/films/{film}/watchlist", tag = "watchlists",
    params(("film" = Uuid, Path)),
    responses((status = 200, description = "How much it is wanted", body = Wanted)))]
pub async fn show_interest(mut reading: Reading, Path(film): Path<Uuid>) -> Answer {
    films::known(&mut reading, film).await?;
    let viewer = reading.viewer();
    let interest = watchlist::interest(&mut reading.snapshot, film, viewer).await;
    let wanted = Wanted::from(interest.map_err(failed)?);
    Ok(reading.respond(Json(wanted)))
}

/// Puts a film on one's watchlist.
///
/// Asking again changes nothing. A review of the film takes it off.
#[utoipa::path(put, path = "/films/{film}/watchlist", tag = "watchlists",
    params(("film" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 200, description = "It is on the list", body = Wanted)))]
pub async fn add_to_watchlist(
    mut asking: Asking,
    caller: Caller,
    Path(film): Path<Uuid>,
) -> Answer {
    let member = caller.member;
    let command = Add {
        member,
        film: FilmId(film),
    };
    let accepted = asking
        .execute(Some(member), "watchlist-add", &film, command)
        .await?;
    answer(&mut asking, accepted.position, member, film).await
}

/// Takes a film off one's watchlist.
///
/// Where it is not on it, it changes nothing.
#[utoipa::path(delete, path = "/films/{film}/watchlist", tag = "watchlists",
    params(("film" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 200, description = "It is not on the list", body = Wanted)))]
pub async fn remove_from_watchlist(
    mut asking: Asking,
    caller: Caller,
    Path(film): Path<Uuid>,
) -> Answer {
    let member = caller.member;
    let command = Remove {
        member,
        film: FilmId(film),
    };
    let accepted = asking
        .execute(Some(member), "watchlist-remove", &film, command)
        .await?;
    answer(&mut asking, accepted.position, member, film).await
}

async fn answer(asking: &mut Asking, position: i64, member: MemberId, film: Uuid) -> Answer {
    let mut snapshot = asking.read_at(position).await?;
    let interest = watchlist::interest(&mut snapshot, film, Some(member.0)).await;
    let wanted = Wanted::from(interest.map_err(failed)?);
    drop(snapshot);
    Ok(asking.respond(position, Json(wanted)))
}

/// Lists what a member wants to see, what was added last first.
#[utoipa::path(get, path = "/members/{member}/watchlist", tag = "watchlists",
    params(("member" = Uuid, Path), ListQuery),
    responses((status = 200, description = "A page of films", body = List<WatchlistEntry>)))]
pub async fn list_member_watchlist(
    mut reading: Reading,
    Path(member): Path<Uuid>,
    Query(query): Query<ListQuery>,
) -> Answer {
    members::known(&mut reading, member).await?;
    let (after, limit) = query.read()?;
    let viewer = reading.viewer();
    let page = watchlist::of_member(&mut reading.snapshot, member, viewer, after, limit).await;
    let list = List::of(page.map_err(failed)?, WatchlistEntry::from);
    Ok(reading.respond(Json(list)))
}

impl From<Interest> for Wanted {
    fn from(interest: Interest) -> Wanted {
        Wanted {
            wanted: interest.is_wanted,
            count: interest.count,
        }
    }
}

impl From<Entry> for WatchlistEntry {
    fn from(entry: Entry) -> WatchlistEntry {
        WatchlistEntry {
            film: entry.film.into(),
            since: entry.since,
        }
    }
}
