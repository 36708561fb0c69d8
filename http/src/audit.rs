//! The log as it is shown to people: to auditors all of it, to members what is theirs. What an
//! auditor is about to be shown is recorded first, with whom it concerns.

pub mod export;
mod shown;
mod telling;

use std::collections::BTreeSet;

use axum::http::StatusCode;
use commands::audit::ReadAudit;
use domain::audit::{Asked, KnownStream, KnownType};
use domain::{MemberId, State};
use event_log::checkpoint::{Receipt, ReceiptError, Receipts};
use event_log::{FoldError, Order, Recorded, StreamName, read_backwards, read_matching};
use projections::history::{self, Opened, Step, StreamAt, Wanted};
use sqlx::postgres::PgConnection;

use crate::app::App;
use crate::asking::Asking;
use crate::message;
use crate::problem::Problem;
use crate::reading::failed;

pub use shown::{AuditedStream, ShownEvent, is_all_shown, names_a_moderator, own_data};
pub use telling::{Names, kinds, sentence};

/// Events that one answer folds; a state made of more is shown only where one is kept that is near
/// enough.
const MOST_FOLDED: i64 = 100_000;
/// Members whom one reading names; of more it is recorded several times.
const TOLD_AT_ONCE: usize = 1_000;

/// A page of events.
pub struct Found {
    pub events: Vec<Opened>,
    /// Where to go on; `None`: that was all.
    pub next: Option<i64>,
}

/// What is wanted of the range (behind a position, up to another).
pub async fn find(
    app: &App,
    connection: &mut PgConnection,
    wanted: &Wanted,
    (range, order): ((i64, i64), Order),
    limit: i64,
) -> Result<Found, Problem> {
    let filter = wanted.filter();
    let found = read_matching(connection, &filter, range, order, limit).await;
    let found = found.map_err(failed)?;
    Ok(Found {
        events: opened(app, found.events).await?,
        next: found.next,
    })
}

/// Of a member's own history.
pub async fn own(
    app: &App,
    connection: &mut PgConnection,
    member: MemberId,
    (range, order): ((i64, i64), Order),
    limit: i64,
) -> Result<Found, Problem> {
    let found = history::own(connection, member.0, range, order, limit).await;
    let found = found.map_err(failed)?;
    Ok(Found {
        events: opened(app, found.events).await?,
        next: found.next,
    })
}

async fn opened(app: &App, events: Vec<Recorded>) -> Result<Vec<Opened>, Problem> {
    let keyring = app.sequencer.keyring();
    history::open(keyring, events).await.map_err(failed)
}

/// Records that an auditor is about to be shown these events, for those whom it concerns: others
/// than the auditor.
pub async fn record(
    asking: &Asking,
    auditor: MemberId,
    wanted: &Wanted,
    events: impl Iterator<Item = &Opened> + Clone,
) -> Result<(), Problem> {
    let members = events.clone().flat_map(Opened::concerned).collect();
    record_of(asking, auditor, wanted, events, members).await
}

/// As [`record`], of what a stream was and how it came to be so.
pub async fn record_stream(
    asking: &Asking,
    auditor: MemberId,
    stream: &StreamName,
    (at, steps): (&StreamAt, &[Step]),
) -> Result<(), Problem> {
    let wanted = Wanted {
        stream: Some(stream.to_string()),
        ..Wanted::default()
    };
    let events = steps.iter().map(|step| &step.opened);
    let mut members: BTreeSet<MemberId> = events.clone().flat_map(Opened::concerned).collect();
    // who was there before these events and is no more is named by one of them
    members.extend(at.concerned());
    record_of(asking, auditor, &wanted, events, members).await
}

async fn record_of(
    asking: &Asking,
    auditor: MemberId,
    wanted: &Wanted,
    events: impl Iterator<Item = &Opened>,
    mut members: BTreeSet<MemberId>,
) -> Result<(), Problem> {
    members.remove(&auditor);
    let (mut first, mut last) = (i64::MAX, 0);
    for opened in events {
        first = first.min(opened.recorded.position);
        last = last.max(opened.recorded.position);
    }
    if last == 0 {
        return Ok(());
    }
    let asked = asked(wanted);
    let members: Vec<MemberId> = members.into_iter().collect();
    for (part, members) in members.chunks(TOLD_AT_ONCE).enumerate() {
        let operation = match part {
            0 => format!("read-audit-{first}-{last}"),
            part => format!("read-audit-{first}-{last}-{part}"),
        };
        let members: BTreeSet<MemberId> = members.iter().copied().collect();
        let said = (&asked, &members);
        let said = serde_json::to_value(said).map_err(Problem::internal)?;
        let command = ReadAudit {
            auditor,
            read: asking.made_id(Some(auditor), &operation),
            asked: asked.clone(),
            events: (first, last),
            members,
        };
        asking
            .execute(Some(auditor), &operation, &said, command)
            .await?;
    }
    Ok(())
}

fn asked(wanted: &Wanted) -> Asked {
    Asked {
        actor: wanted.actor,
        event_type: wanted.event_type.as_deref().and_then(KnownType::new),
        stream: wanted.stream.as_deref().and_then(KnownStream::new),
        film: wanted.film,
        member: wanted.member,
        correlation: wanted.correlation,
        since: wanted.since,
        until: wanted.until,
    }
}

/// The last at most `limit` steps of a stream up to a version, and what it was there.
pub async fn steps(
    app: &App,
    connection: &mut PgConnection,
    stream: &StreamName,
    (version, limit): (i64, i64),
) -> Result<(StreamAt, Vec<Step>), Problem> {
    let events = read_backwards(&mut *connection, stream, version, limit).await;
    let events = events.map_err(failed)?;
    let begin = events.first().map_or(0, |event| event.version - 1);
    let before = app
        .sequencer
        .state_at(&mut *connection, stream, begin, MOST_FOLDED);
    let before = before.await.map_err(|error| match error {
        FoldError::TooLong(_) => {
            let title = message!("problem-audit-too-long");
            let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "audit-too-long", title);
            problem.detail(message!("problem-audit-too-long-detail"))
        }
        FoldError::Database(error) => failed(error),
    })?;
    let before = (before.version, State::clone(&before.state));
    let steps = history::steps(app.sequencer.keyring(), connection, stream, before, events);
    steps.await.map_err(failed)
}

/// A receipt of an event, with what is stored of it if `whole`, else its digest. 503 while it is not signed yet, 404 where
/// nothing is ever signed.
pub async fn receipt(
    app: &App,
    connection: &mut PgConnection,
    event: Recorded,
    whole: bool,
) -> Result<Receipt, Problem> {
    let receipts = Receipts::covering(connection, event.position).await;
    let Some(mut receipts) = receipts.map_err(unreceipted)? else {
        return Err(match app.public_key {
            Some(_) => Problem::busy(1),
            None => Problem::not_found(),
        });
    };
    let written = receipts.write(connection, &[event], whole).await;
    let mut written = written.map_err(unreceipted)?;
    written
        .pop()
        .ok_or_else(|| Problem::internal("an event without a receipt"))
}

pub fn unreceipted(error: ReceiptError) -> Problem {
    match error {
        ReceiptError::Proof(event_log::checkpoint::ProofError::Database(error)) => failed(error),
        other => Problem::internal(other),
    }
}
