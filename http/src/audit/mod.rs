//! The log as it is shown to people: to auditors all of it, to members what is theirs. What an
//! auditor is about to be shown is recorded first, with whom it concerns.

pub mod export;
mod shown;
mod telling;

use std::collections::BTreeSet;

use commands::audit::ReadAudit;
use domain::MemberId;
use domain::audit::{Asked, KnownStream, KnownType};
use event_log::checkpoint::{Receipt, ReceiptError, Receipts};
use event_log::{Order, Recorded, read_matching};
use projections::history::{self, Opened, Wanted};
use sqlx::postgres::PgConnection;

use crate::app::App;
use crate::asking::Asking;
use crate::problem::Problem;
use crate::reading::failed;

pub use shown::{AuditedStream, ShownEvent, Who, names_a_moderator, own_data};
pub use telling::{Names, kinds, sentence};

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
    let members = events.clone().flat_map(Opened::concerned);
    let members: BTreeSet<MemberId> = members.filter(|member| *member != auditor).collect();
    let positions = events.map(|opened| opened.recorded.position);
    let Some((first, last)) = positions.clone().min().zip(positions.max()) else {
        return Ok(());
    };
    if members.is_empty() {
        return Ok(());
    }
    let asked = asked(wanted);
    let operation = format!("read-audit-{first}-{last}");
    let said = (&asked, &members);
    let said = serde_json::to_value(said).map_err(Problem::internal)?;
    let command = ReadAudit {
        auditor,
        read: asking.made_id(Some(auditor), &operation),
        asked,
        events: (first, last),
        members,
    };
    asking
        .execute(Some(auditor), &operation, &said, command)
        .await?;
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

/// A receipt of an event, with what is stored of it. 503 while it is not signed yet, 404 where
/// nothing is ever signed.
pub async fn receipt(
    app: &App,
    connection: &mut PgConnection,
    event: Recorded,
) -> Result<Receipt, Problem> {
    let receipts = Receipts::covering(connection, event.position).await;
    let Some(mut receipts) = receipts.map_err(unreceipted)? else {
        return Err(match app.public_key {
            Some(_) => Problem::busy(1),
            None => Problem::not_found(),
        });
    };
    let written = receipts.write(connection, &[event], true).await;
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
