//! Why a member may not be in a room, or not talk there: until when, and what was given as the reason.
//! Told to nobody else.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::{MemberId, RoomId};
use projections::Snapshot;
use projections::room_verdicts::{self, BAN, MUTE, REMOVAL, RoomVerdict};
use uuid::Uuid;

use crate::app::App;
use crate::fresh;
use crate::message;
use crate::problem::Problem;
use crate::reading::failed;

/// What stands against one member in one room, now.
#[derive(Default)]
pub struct Verdicts(Vec<RoomVerdict>);

impl Verdicts {
    pub async fn against(
        snapshot: &mut Snapshot,
        room: Uuid,
        member: Uuid,
    ) -> Result<Verdicts, Problem> {
        let verdicts = room_verdicts::against(snapshot, room, member, fresh::now()).await;
        Ok(Verdicts(verdicts.map_err(failed)?))
    }

    pub fn mute(&self) -> Option<&RoomVerdict> {
        self.of(MUTE)
    }

    pub fn ban(&self) -> Option<&RoomVerdict> {
        self.of(BAN)
    }

    /// They have not come again since.
    pub fn removal(&self) -> Option<&RoomVerdict> {
        self.of(REMOVAL)
    }

    fn of(&self, act: &str) -> Option<&RoomVerdict> {
        self.0.iter().find(|verdict| verdict.act == act)
    }
}

/// Of a room that is not there for a member: who was sent away from it is told so.
pub async fn not_there(
    snapshot: &mut Snapshot,
    room: Uuid,
    member: Uuid,
) -> Result<Problem, Problem> {
    let verdicts = Verdicts::against(snapshot, room, member).await?;
    let (title, verdict) = match (verdicts.ban(), verdicts.removal()) {
        (Some(ban), _) => (message!("problem-banned"), ban),
        (None, Some(removal)) => (message!("room-js-removed"), removal),
        (None, None) => return Ok(Problem::not_found()),
    };
    let problem = Problem::new(StatusCode::NOT_FOUND, "not-found", title);
    let reason = verdict.reason.as_deref();
    Ok(explained(problem, verdict.ends_at, reason))
}

/// The same problem, and why where somebody is banned.
pub async fn why_banned(app: &App, problem: Problem, room: RoomId, member: MemberId) -> Problem {
    if problem.slug() != "banned" {
        return problem;
    }
    let verdicts = async {
        let mut snapshot = app.reader.snapshot(None).await.map_err(failed)?;
        Verdicts::against(&mut snapshot, room.0, member.0).await
    };
    let verdicts = verdicts.await.unwrap_or_default();
    match verdicts.ban() {
        Some(ban) => explained(problem, ban.ends_at, ban.reason.as_deref()),
        None => problem,
    }
}

/// The same problem, until when and why, as far as that is known.
pub fn explained(problem: Problem, until: Option<DateTime<Utc>>, reason: Option<&str>) -> Problem {
    let why = match (until, reason) {
        (Some(until), Some(reason)) => {
            message!("room-verdict-until-because", until = until, reason = reason)
        }
        (Some(until), None) => message!("room-verdict-until", until = until),
        (None, Some(reason)) => message!("room-verdict-because", reason = reason),
        (None, None) => return problem,
    };
    problem.detail(why)
}
