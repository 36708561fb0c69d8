//! Rooms, with what their lists show.

use chrono::{DateTime, Utc};
use domain::forgetting::{self, Extent, Forgotten};
use domain::room::{Admission, Event as RoomEvent};
use domain::{Event, Sealed, film};
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::page::{Page, page};
use crate::table::table;

table! {
    /// A room, open or archived.
    pub struct Room in rooms {
        key { room: Uuid }
        /// Of its opening.
        position: i64,
        film: Option<Uuid>,
        /// `None`: forgotten with who named it.
        name: Option<String>,
        named_by: Uuid,
        description: Option<String>,
        described_by: Uuid,
        /// `public` or `invitation`.
        admission: String,
        closes_when_empty: bool,
        archived: bool,
        maker: Uuid,
        slow_mode_seconds: i32,
        opened_at: DateTime<Utc>,
        /// Of the last thing that happened in it.
        seq: i64,
        /// The last message's ordinal.
        messages: i64,
        /// When somebody last came, went or spoke.
        active_at: DateTime<Utc>,
        active_position: i64,
    }
}

impl ReadModel for Room {
    fn apply(happened: &Happened, rooms: &mut Changes<Room>) {
        let event = match &happened.event {
            Event::Room(event) => event,
            Event::Forgetting(forgetting::Event::Forgotten(forgotten)) => {
                return forget(forgotten, rooms);
            }
            Event::Film(film::Event::Merged(merged)) => {
                let into = merged.into.0;
                return rooms.patch_where("film", merged.film.0, move |room| {
                    room.film = Some(into);
                });
            }
            Event::Film(film::Event::Listed(_) | film::Event::Revised(_))
            | Event::Reservation(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => return,
        };
        if let RoomEvent::Opened(opened) = event {
            rooms.put(Room {
                room: opened.room.0,
                position: happened.position,
                film: opened.film.map(|film| film.0),
                name: opened.name.open().map(|name| name.as_str().to_owned()),
                named_by: opened.member.0,
                description: text(&opened.description),
                described_by: opened.member.0,
                admission: admission(opened.admission).to_owned(),
                closes_when_empty: opened.closes_when_empty,
                archived: false,
                maker: opened.member.0,
                slow_mode_seconds: 0,
                opened_at: happened.at,
                seq: happened.version,
                messages: 0,
                active_at: happened.at,
                active_position: happened.position,
            });
            return;
        }
        let (position, seq, at) = (happened.position, happened.version, happened.at);
        let room = event.stream().id;
        let event = event.clone();
        rooms.patch((room,), move |room| {
            room.seq = seq;
            if take(room, &event) {
                (room.active_at, room.active_position) = (at, position);
            }
        });
    }
}

fn forget(forgotten: &Forgotten, rooms: &mut Changes<Room>) {
    if forgotten.extent == Extent::Everything {
        let member = forgotten.member.0;
        rooms.patch_where("named_by", member, |room| room.name = None);
        rooms.patch_where("described_by", member, |room| room.description = None);
    }
}

/// What an event does to its room; whether somebody was active in it.
fn take(room: &mut Room, event: &RoomEvent) -> bool {
    match event {
        RoomEvent::Renamed(renamed) => {
            room.name = renamed.name.open().map(|name| name.as_str().to_owned());
            room.named_by = renamed.by.0;
        }
        RoomEvent::Described(described) => {
            room.description = text(&described.description);
            room.described_by = described.by.0;
        }
        RoomEvent::ClosingChosen(chosen) => room.closes_when_empty = chosen.closes_when_empty,
        RoomEvent::Archived(_) => room.archived = true,
        RoomEvent::SlowModeSet(set) => {
            room.slow_mode_seconds = i32::try_from(set.seconds).unwrap_or(i32::MAX);
        }
        RoomEvent::Reopened(_) => {
            room.archived = false;
            return true;
        }
        RoomEvent::MessagePosted(posted) => {
            room.messages = posted.n;
            return true;
        }
        RoomEvent::Entered(_) | RoomEvent::Left(_) => return true,
        RoomEvent::Opened(_)
        | RoomEvent::MessageEdited(_)
        | RoomEvent::MessageRetracted(_)
        | RoomEvent::Reacted(_)
        | RoomEvent::Unreacted(_)
        | RoomEvent::Invited(_)
        | RoomEvent::InvitationDeclined(_)
        | RoomEvent::Muted(_)
        | RoomEvent::Unmuted(_)
        | RoomEvent::Removed(_)
        | RoomEvent::Banned(_)
        | RoomEvent::Unbanned(_)
        | RoomEvent::ModeratorAppointed(_)
        | RoomEvent::ModeratorDismissed(_) => {}
    }
    false
}

fn admission(admission: Admission) -> &'static str {
    match admission {
        Admission::Public => "public",
        Admission::Invitation => "invitation",
    }
}

fn text(description: &Sealed<domain::RoomDescription>) -> Option<String> {
    description.open().map(|text| text.as_str().to_owned())
}

/// Somebody who is in a room.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Here {
    pub member: Uuid,
    pub name: Option<String>,
}

/// A room as lists and its page show it, to one viewer.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RoomCard {
    pub room: Uuid,
    pub position: i64,
    pub film: Option<Uuid>,
    pub title_en: Option<String>,
    pub title_ko: Option<String>,
    pub year: Option<i16>,
    pub genres: Option<Json<Vec<String>>>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub admission: String,
    pub closes_when_empty: bool,
    pub archived: bool,
    pub maker: Uuid,
    pub maker_name: Option<String>,
    pub slow_mode_seconds: i32,
    pub opened_at: DateTime<Utc>,
    pub seq: i64,
    pub messages: i64,
    pub active_at: DateTime<Utc>,
    pub active_position: i64,
    pub present: i64,
    /// Some of those who are there.
    pub here: Json<Vec<Here>>,
    /// Of the viewer: `member`, `moderator`, `maker`; `None` for strangers to the room.
    pub role: Option<String>,
    pub is_here: bool,
    pub invited: bool,
    /// The last message that the viewer has read.
    pub read: Option<i64>,
}

impl RoomCard {
    pub fn keeps_order(&self) -> bool {
        matches!(self.role.as_deref(), Some("moderator" | "maker"))
    }

    /// Messages that the viewer has not read; `None` for whoever never read here.
    pub fn unread(&self) -> Option<i64> {
        self.read.map(|read| (self.messages - read).max(0))
    }
}

/// The card's columns and tables, for a query with the looking member, or null, as `$1`. Rooms
/// that are not for them are left out.
macro_rules! card {
    ($rest:literal) => {
        concat!(
            "select r.room, r.position, r.film, f.title_en, f.title_ko, f.year, f.genres, r.name,
                    r.description, r.admission, r.closes_when_empty, r.archived, r.maker,
                    maker.name as maker_name, r.slow_mode_seconds, r.opened_at, r.seq,
                    r.messages, r.active_at, r.active_position, there.present, there.here,
                    own.role, coalesce(own.present, false) as is_here,
                    coalesce(own.invited, false) as invited, marker.n as read
             from rooms r
             left join films f on f.film = r.film
             left join members maker on maker.member = r.maker
             left join room_members own on own.room = r.room and own.member = $1::uuid
             left join read_markers marker on marker.room = r.room and marker.member = $1::uuid
             cross join lateral (
                 select count(*) as present,
                        coalesce(jsonb_agg(jsonb_build_object('member', p.member, 'name', m.name))
                                     filter (where p.place <= 6), '[]') as here
                 from (select member, row_number() over (order by member) as place
                       from room_members where room = r.room and present) p
                 left join members m on m.member = p.member and p.place <= 6
             ) there
             where (r.admission = 'public' or own.role <> 'member' or own.invited) ",
            $rest
        )
    };
}

/// `None` also for a room that is not for the viewer.
pub async fn by_id(
    connection: &mut PgConnection,
    viewer: Option<Uuid>,
    room: Uuid,
) -> sqlx::Result<Option<RoomCard>> {
    sqlx::query_as(card!("and r.room = $2"))
        .bind(viewer)
        .bind(room)
        .fetch_optional(connection)
        .await
}

/// The names of some rooms, whoever they are for; `None`: forgotten.
pub async fn names(
    connection: &mut PgConnection,
    rooms: &[Uuid],
) -> sqlx::Result<Vec<(Uuid, Option<String>)>> {
    sqlx::query_as("select room, name from rooms where room = any($1)")
        .bind(rooms)
        .fetch_all(connection)
        .await
}

/// Where most are now; `after` is the last card's present members and activity.
pub async fn busiest(
    connection: &mut PgConnection,
    viewer: Option<Uuid>,
    after: Option<(i64, i64)>,
    limit: i64,
) -> sqlx::Result<Page<RoomCard, (i64, i64)>> {
    let (present, active) = after.unzip();
    let cards = sqlx::query_as(card!(
        "and not r.archived
         and ($2::bigint is null or (there.present, r.active_position) < ($2, $3))
         order by there.present desc, r.active_position desc limit $4 + 1"
    ))
    .bind(viewer)
    .bind(present)
    .bind(active)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &RoomCard| {
        (card.present, card.active_position)
    }))
}

/// The latest opened; `after` is the last card's position.
pub async fn newest(
    connection: &mut PgConnection,
    viewer: Option<Uuid>,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<RoomCard, i64>> {
    let cards = sqlx::query_as(card!(
        "and not r.archived and ($2::bigint is null or r.position < $2)
         order by r.position desc limit $3 + 1"
    ))
    .bind(viewer)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &RoomCard| card.position))
}

/// Where the viewer keeps order, is invited, is or has read, archived or not; the last active
/// first. `after` is the last card's activity.
pub async fn mine(
    connection: &mut PgConnection,
    viewer: Uuid,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<RoomCard, i64>> {
    let cards = sqlx::query_as(card!(
        "and (own.role <> 'member' or own.invited or own.present or marker.n is not null)
         and ($2::bigint is null or r.active_position < $2)
         order by r.active_position desc limit $3 + 1"
    ))
    .bind(viewer)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &RoomCard| card.active_position))
}

/// About a film, archived or not; the last active first. `after` is the last card's activity.
pub async fn of_film(
    connection: &mut PgConnection,
    viewer: Option<Uuid>,
    film: Uuid,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<RoomCard, i64>> {
    let cards = sqlx::query_as(card!(
        "and r.film = $2 and ($3::bigint is null or r.active_position < $3)
         order by r.active_position desc limit $4 + 1"
    ))
    .bind(viewer)
    .bind(film)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &RoomCard| card.active_position))
}

/// Open rooms in which nobody is, and nobody was active since that time, each with the position of
/// its last activity: candidates to be archived.
pub async fn idle_since(
    connection: &mut PgConnection,
    time: DateTime<Utc>,
    (skip, limit): (i64, i64),
) -> sqlx::Result<Vec<(Uuid, i64)>> {
    sqlx::query_as(
        "select r.room, r.active_position from rooms r
         where not r.archived and r.active_at <= $1
           and not exists (select from room_members m where m.room = r.room and m.present)
         order by r.active_position limit $2 offset $3",
    )
    .bind(time)
    .bind(limit)
    .bind(skip)
    .fetch_all(connection)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_room_knows_its_last_event_and_its_last_message() {
        let rows: Vec<Room> = given(vec![
            room_opened(),
            entered(BOB),
            message_posted(1),
            reacted(3, ANN),
            left(BOB),
        ]);
        let room = &rows[0];
        assert_eq!((room.seq, room.messages), (5, 1));
        assert_eq!((room.active_position, room.active_at), (5, at(5)));
        assert_eq!(room.name.as_deref(), Some("Stairs"));
    }

    #[test]
    fn a_room_is_nameless_when_who_named_it_is_forgotten() {
        let everything = Extent::Everything;
        let rows: Vec<Room> = given(vec![room_opened(), forgotten(ANN, everything)]);
        assert_eq!((&rows[0].name, &rows[0].description), (&None, &None));
        let rows: Vec<Room> = given(vec![room_opened(), forgotten(BOB, everything)]);
        assert!(rows[0].name.is_some());
    }
}
