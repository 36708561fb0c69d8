//! Where a member's file stands between preview, import and undoing: in the vault, since it holds
//! their words, and nowhere else. One for each member.

use chrono::{DateTime, TimeDelta, Utc};
use domain::MemberId;
use sqlx::PgPool;
use sqlx::types::Json;
use uuid::Uuid;

use super::Matched;
use crate::app::App;

/// A preview that nobody imports is dropped after this.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// An import without a sign of life for so long was broken off.
const SILENCE: TimeDelta = TimeDelta::seconds(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Phase {
    Preview,
    Importing,
    Imported,
    Undoing,
    Undone,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Upload {
    pub member: Uuid,
    pub upload: Uuid,
    pub phase: Phase,
    /// Empty once they are imported.
    pub lines: Json<Vec<Matched>>,
    /// Of the phase: lines, or reviews taken back.
    pub done: i32,
    /// Reviews that it posted.
    pub posted: Vec<Uuid>,
    pub touched_at: DateTime<Utc>,
}

impl Upload {
    pub fn member(&self) -> MemberId {
        MemberId(self.member)
    }

    pub fn is_running(&self, now: DateTime<Utc>) -> bool {
        self.is_unfinished() && now - self.touched_at < SILENCE
    }

    pub fn is_unfinished(&self) -> bool {
        matches!(self.phase, Phase::Importing | Phase::Undoing)
    }
}

pub struct Uploads(PgPool);

impl Uploads {
    pub fn of(app: &App) -> Uploads {
        Uploads(app.vault.pool().clone())
    }

    pub async fn of_member(&self, member: MemberId) -> sqlx::Result<Option<Upload>> {
        sqlx::query_as(
            "select member, upload, phase, lines, done, posted, touched_at
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
        lines: Vec<Matched>,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        sqlx::query("delete from vault.uploads where phase = 'preview' and touched_at < $1")
            .bind(now - KEPT)
            .execute(&self.0)
            .await?;
        let put = sqlx::query(
            "insert into vault.uploads as u (member, upload, phase, lines, done, posted, touched_at)
             values ($1, $2, 'preview', $3, 0, '{}', $4)
             on conflict (member) do update
             set upload = excluded.upload, phase = excluded.phase, lines = excluded.lines,
                 done = 0, posted = '{}', touched_at = excluded.touched_at
             where u.phase not in ('importing', 'undoing')",
        )
        .bind(member.0)
        .bind(upload)
        .bind(Json(lines))
        .bind(now)
        .execute(&self.0)
        .await?;
        Ok(put.rows_affected() > 0)
    }

    /// From a preview to its import, from an import to its undoing; or a phase that was broken off
    /// goes on. `false`: there is nothing to begin.
    pub async fn begin(
        &self,
        member: MemberId,
        phase: Phase,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        let from = match phase {
            Phase::Undoing => Phase::Imported,
            _ => Phase::Preview,
        };
        let begun = sqlx::query(
            "update vault.uploads
             set phase = $2, done = case when phase = $2 then done else 0 end, touched_at = $4
             where member = $1 and (phase = $3 or (phase = $2 and touched_at < $5))",
        )
        .bind(member.0)
        .bind(phase)
        .bind(from)
        .bind(now)
        .bind(now - SILENCE)
        .execute(&self.0)
        .await?;
        Ok(begun.rows_affected() > 0)
    }

    pub async fn advance(
        &self,
        upload: &Upload,
        done: usize,
        posted: &[Uuid],
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "update vault.uploads
             set done = $3, touched_at = $5,
                 posted = posted || (select coalesce(array_agg(one), '{}') from unnest($4::uuid[]) one
                                     where one <> all(posted))
             where member = $1 and upload = $2",
        )
        .bind(upload.member)
        .bind(upload.upload)
        .bind(i32::try_from(done).unwrap_or(i32::MAX))
        .bind(posted)
        .bind(now)
        .execute(&self.0)
        .await?;
        Ok(())
    }

    /// The phase is over; what was read from the file is kept no longer.
    pub async fn finish(&self, upload: &Upload, now: DateTime<Utc>) -> sqlx::Result<()> {
        sqlx::query(
            "update vault.uploads
             set phase = case phase when 'importing' then 'imported' else 'undone' end,
                 lines = '[]', touched_at = $3
             where member = $1 and upload = $2 and phase in ('importing', 'undoing')",
        )
        .bind(upload.member)
        .bind(upload.upload)
        .bind(now)
        .execute(&self.0)
        .await?;
        Ok(())
    }

    /// Of these reviews those that stand and were not edited since.
    pub async fn unedited(&self, app: &App, reviews: Vec<Uuid>) -> anyhow::Result<Vec<Uuid>> {
        let head = event_log::head(&app.pool).await?.position;
        let mut snapshot = app.reader.snapshot(Some(head)).await?;
        anyhow::ensure!(!snapshot.stale, "the read models are late");
        Ok(projections::reviews::unedited(&mut snapshot, &reviews).await?)
    }
}
