//! Where a member's file stands between preview, import and undoing: in the vault, since it holds
//! their words, and nowhere else. One for each member.

use chrono::{DateTime, TimeDelta, Utc};
use domain::MemberId;
use projections::Snapshot;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::types::Json;
use uuid::Uuid;

use super::said::Like;
use super::{Brought, Matched, Want};
use crate::app::App;

const DAY: TimeDelta = TimeDelta::hours(24);
/// An import without a sign of life for so long was broken off.
const SILENCE: TimeDelta = TimeDelta::seconds(20);
/// Of each list of a preview; the others are counted.
const SHOWN: usize = 200;
/// Imports that a member begins within a day, since each is many events; the next one waits.
const MOST_A_DAY: i32 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Phase {
    Preview,
    Importing,
    Imported,
    Undoing,
    Undone,
}

/// What a file would bring, as it is shown: of each list the newest ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    pub new: Listed,
    /// The member has reviewed them here: that stays.
    pub known: Listed,
    pub missing: Listed,
    pub likes: usize,
    /// Of reviews that are not here.
    pub lost_likes: usize,
    /// To be seen, and of those that are not here.
    pub wanted: usize,
    pub lost_wanted: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    pub count: usize,
    pub first: Vec<Shown>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Empty where nobody knows it.
    pub title: String,
    pub year: Option<i16>,
    pub half_stars: u8,
    pub film: Option<Uuid>,
}

impl Preview {
    pub fn of(brought: &Brought) -> Preview {
        let listed = |is_wanted: fn(&Matched) -> bool| {
            let lines = brought.lines.iter().rev();
            let wanted = lines.filter(|line| is_wanted(line));
            Listed {
                count: wanted.clone().count(),
                first: wanted.take(SHOWN).map(Shown::of).collect(),
            }
        };
        Preview {
            new: listed(|one| one.film.is_some() && !one.is_reviewed),
            known: listed(|one| one.is_reviewed),
            missing: listed(|one| one.film.is_none()),
            likes: brought.likes.len(),
            lost_likes: brought.lost_likes,
            wanted: brought.wanted.len(),
            lost_wanted: brought.lost_wanted,
        }
    }
}

impl Shown {
    fn of(matched: &Matched) -> Shown {
        Shown {
            title: matched.line.title.clone(),
            year: matched.line.year,
            half_stars: matched.line.last_rating(),
            film: matched.film,
        }
    }
}

/// As it is shown.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Upload {
    pub upload: Uuid,
    pub phase: Phase,
    /// `None` once it is imported.
    pub preview: Option<Json<Preview>>,
    /// Of the phase: how much of it is done, and all of it.
    pub done: i32,
    pub length: i32,
    /// Reviews that it posted, those that it likes, and films that it put on the list.
    pub posted: i32,
    pub liked: i32,
    pub listed: i32,
    pub touched_at: DateTime<Utc>,
    /// Imports within the last day.
    pub begun: i32,
}

impl Upload {
    /// Whether it may be imported today.
    pub fn may_begin(&self) -> bool {
        self.begun < MOST_A_DAY
    }

    pub fn is_running(&self, now: DateTime<Utc>) -> bool {
        self.is_unfinished() && now - self.touched_at < SILENCE
    }

    pub fn is_unfinished(&self) -> bool {
        matches!(self.phase, Phase::Importing | Phase::Undoing)
    }
}

/// As it is worked on: all of it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Work {
    pub member: Uuid,
    pub upload: Uuid,
    pub phase: Phase,
    /// Empty once they are imported.
    pub lines: Json<Vec<Matched>>,
    pub likes: Json<Vec<Like>>,
    pub wanted: Json<Vec<Want>>,
    pub done: i32,
    pub posted: Vec<Uuid>,
    pub liked: Vec<Uuid>,
    /// Films.
    pub listed: Vec<Uuid>,
    pub uploaded_at: DateTime<Utc>,
}

impl Work {
    pub fn member(&self) -> MemberId {
        MemberId(self.member)
    }

    pub fn done(&self) -> usize {
        usize::try_from(self.done).unwrap_or_default()
    }
}

/// What some steps of an import have made: reviews, likes of reviews, and films of the list.
#[derive(Default)]
pub struct Made {
    pub posted: Vec<Uuid>,
    pub liked: Vec<Uuid>,
    pub listed: Vec<Uuid>,
}

pub struct Uploads(PgPool);

impl Uploads {
    pub fn of(app: &App) -> Uploads {
        Uploads(app.vault.pool().clone())
    }

    pub async fn of_member(
        &self,
        member: MemberId,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Upload>> {
        sqlx::query_as(
            "select upload, phase, preview, done,
                    case phase when 'undoing'
                               then cardinality(posted) + cardinality(liked) + cardinality(listed)
                               else length end as length,
                    cardinality(posted) as posted, cardinality(liked) as liked,
                    cardinality(listed) as listed, touched_at,
                    (select count(*)::integer from unnest(begun) one where one > $2) as begun
             from vault.uploads where member = $1",
        )
        .bind(member.0)
        .bind(now - DAY)
        .fetch_optional(&self.0)
        .await
    }

    pub async fn work(&self, member: MemberId) -> sqlx::Result<Option<Work>> {
        sqlx::query_as(
            "select member, upload, phase, lines, likes, wanted, done, posted, liked, listed,
                    uploaded_at
             from vault.uploads where member = $1",
        )
        .bind(member.0)
        .fetch_optional(&self.0)
        .await
    }

    /// In place of an earlier one; `false`: that one is being imported.
    pub async fn put(
        &self,
        (member, upload): (MemberId, Uuid),
        brought: Brought,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        let length = brought.lines.len() + brought.likes.len() + brought.wanted.len();
        let put = sqlx::query(
            "insert into vault.uploads as u
                 (member, upload, phase, preview, length, lines, likes, wanted, done, posted,
                  liked, listed, touched_at, uploaded_at)
             values ($1, $2, 'preview', $3, $4, $5, $6, $8, 0, '{}', '{}', '{}', $7, $7)
             on conflict (member) do update
             set upload = excluded.upload, phase = excluded.phase, preview = excluded.preview,
                 length = excluded.length, lines = excluded.lines, likes = excluded.likes,
                 wanted = excluded.wanted, done = 0, posted = '{}', liked = '{}', listed = '{}',
                 touched_at = excluded.touched_at,
                 uploaded_at = excluded.uploaded_at
             where u.phase not in ('importing', 'undoing')",
        )
        .bind(member.0)
        .bind(upload)
        .bind(Json(Preview::of(&brought)))
        .bind(number(length))
        .bind(Json(brought.lines))
        .bind(Json(brought.likes))
        .bind(now)
        .bind(Json(brought.wanted))
        .execute(&self.0)
        .await?;
        Ok(put.rows_affected() > 0)
    }

    /// From a preview to its import, from an import to its undoing; or a phase that was broken off
    /// goes on. `false`: there is nothing to begin, too much was begun today, or what is there is
    /// another upload than the one that was shown.
    pub async fn begin(
        &self,
        (member, shown): (MemberId, Option<Uuid>),
        phase: Phase,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        let from = match phase {
            Phase::Undoing => Phase::Imported,
            _ => Phase::Preview,
        };
        let begun = sqlx::query(
            "update vault.uploads
             set phase = $2, done = case when phase = $2 then done else 0 end, touched_at = $4,
                 begun = case when phase = 'preview'
                              then array(select one from unnest(begun) one where one > $6) || $4::timestamptz
                              else begun end
             where member = $1 and ($8::uuid is null or upload = $8)
               and (phase = $3 or (phase = $2 and touched_at < $5))
               and (phase <> 'preview'
                    or (select count(*) from unnest(begun) one where one > $6) < $7)",
        )
        .bind(member.0)
        .bind(phase)
        .bind(from)
        .bind(now)
        .bind(now - SILENCE)
        .bind(now - DAY)
        .bind(i64::from(MOST_A_DAY))
        .bind(shown)
        .execute(&self.0)
        .await?;
        Ok(begun.rows_affected() > 0)
    }

    /// Nothing, where the phase is another one by now: then somebody else is at it.
    pub async fn advance(
        &self,
        work: &Work,
        done: usize,
        made: &Made,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "update vault.uploads
             set done = $3, touched_at = $6,
                 posted = posted || (select coalesce(array_agg(one), '{}') from unnest($4::uuid[]) one
                                     where one <> all(posted)),
                 liked = liked || (select coalesce(array_agg(one), '{}') from unnest($5::uuid[]) one
                                   where one <> all(liked)),
                 listed = listed || (select coalesce(array_agg(one), '{}') from unnest($8::uuid[]) one
                                     where one <> all(listed))
             where member = $1 and upload = $2 and phase = $7",
        )
        .bind(work.member)
        .bind(work.upload)
        .bind(number(done))
        .bind(&made.posted)
        .bind(&made.liked)
        .bind(now)
        .bind(work.phase)
        .bind(&made.listed)
        .execute(&self.0)
        .await?;
        Ok(())
    }

    /// The phase is over; what was read from the file is kept no longer.
    pub async fn finish(&self, work: &Work, now: DateTime<Utc>) -> sqlx::Result<()> {
        sqlx::query(
            "update vault.uploads
             set phase = case phase when 'importing' then 'imported' else 'undone' end,
                 preview = null, lines = '[]', likes = '[]', wanted = '[]', touched_at = $3
             where member = $1 and upload = $2 and phase = $4
               and phase in ('importing', 'undoing')",
        )
        .bind(work.member)
        .bind(work.upload)
        .bind(now)
        .bind(work.phase)
        .execute(&self.0)
        .await?;
        Ok(())
    }

    /// The read side as it is now.
    pub async fn read(&self, app: &App) -> anyhow::Result<Snapshot> {
        let head = event_log::head(&app.pool).await?.position;
        let snapshot = app.reader.snapshot(Some(head)).await?;
        anyhow::ensure!(!snapshot.stale, "the read models are late");
        Ok(snapshot)
    }
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
