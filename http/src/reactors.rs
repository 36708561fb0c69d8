//! What a node does by itself as time passes.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use commands::leaving::CarryOutWithdrawal;
use commands::measure::EndSuspension;
use commands::member::Withdraw;
use commands::name::{KEPT, LetNameGo};
use commands::reactor::{AT_ONCE, Due, Reacting, Reactor};
use commands::room::{ArchiveIdle, IDLE};
use domain::forgetting::Extent;
use domain::{MeasureId, MemberId, ReservationId, RoomId};
use event_log::Clock;
use projections::{Reader, former_names, measures, rooms, withdrawals};
use uuid::Uuid;

use crate::app::App;
use crate::fresh;

/// What is due is done so much later at most.
pub const EVERY: Duration = Duration::from_secs(60);

/// Archives rooms that nobody was in for a day.
pub fn archive_idle_rooms(app: &App, clock: Clock, every: Duration) -> Reactor {
    let reader = app.reader.clone();
    let reacting = reacting(app, "archive_idle_rooms", clock, every);
    Reactor::start(reacting, move |at, skip| idle(reader.clone(), at, skip))
}

/// What each of them takes from its node.
pub fn reacting(app: &App, name: &'static str, clock: Clock, every: Duration) -> Reacting {
    Reacting {
        name,
        every,
        database: (*app.pool.connect_options()).clone(),
        sequencer: app.sequencer.clone(),
        clock,
        holder: fresh::id(),
    }
}

async fn idle(reader: Reader, at: DateTime<Utc>, skip: i64) -> sqlx::Result<Vec<Due<ArchiveIdle>>> {
    let mut snapshot = reader.snapshot(None).await?;
    let idle = rooms::idle_since(&mut snapshot, at - IDLE, (skip, AT_ONCE)).await?;
    let due = idle.into_iter().map(|(room, since)| Due {
        // it may fall idle again
        cause: Uuid::new_v5(&room, &since.to_be_bytes()),
        command: ArchiveIdle {
            room: RoomId(room),
            at,
        },
    });
    Ok(due.collect())
}

/// Ends the memberships of those whose time to change their mind is over.
pub fn carry_out_withdrawals(app: &App, clock: Clock, every: Duration) -> Reactor {
    let reading = app.clone();
    let reacting = reacting(app, "carry_out_withdrawals", clock, every);
    Reactor::start(reacting, move |at, skip| leaving(reading.clone(), at, skip))
}

/// An account is closed in the round after its member has left; what is missed for so long is
/// swept at the next start.
const CLOSED_FOR: TimeDelta = TimeDelta::days(2);

async fn leaving(
    app: App,
    at: DateTime<Utc>,
    skip: i64,
) -> sqlx::Result<Vec<Due<CarryOutWithdrawal>>> {
    let mut snapshot = app.reader.snapshot(None).await?;
    let left = withdrawals::carried_out_since(&mut snapshot, at - CLOSED_FOR).await?;
    let due = withdrawals::due(&mut snapshot, at, (skip, AT_ONCE)).await?;
    drop(snapshot);
    for member in left {
        app.vault.close_account(MemberId(member)).await?;
    }
    let due = due.into_iter().filter_map(|leaving| {
        let slug = &leaving.extent;
        let extent = Extent::ALL
            .into_iter()
            .find(|extent| extent.slug() == slug)?;
        let withdraw = Withdraw {
            member: MemberId(leaving.member),
            extent,
            name_reservation: ReservationId(leaving.name_reservation),
            email_reservation: ReservationId(leaving.email_reservation),
        };
        Some(Due {
            // it may be taken back, and asked for again
            cause: Uuid::new_v5(
                &leaving.member,
                &leaving.due.timestamp_micros().to_be_bytes(),
            ),
            command: CarryOutWithdrawal { withdraw, at },
        })
    });
    Ok(due.collect())
}

/// Frees former names whose time is over.
pub fn let_names_go(app: &App, clock: Clock, every: Duration) -> Reactor {
    let reader = app.reader.clone();
    let reacting = reacting(app, "let_names_go", clock, every);
    Reactor::start(reacting, move |at, skip| given_up(reader.clone(), at, skip))
}

async fn given_up(
    reader: Reader,
    at: DateTime<Utc>,
    skip: i64,
) -> sqlx::Result<Vec<Due<LetNameGo>>> {
    let mut snapshot = reader.snapshot(None).await?;
    let names = former_names::given_up_before(&mut snapshot, at - KEPT, (skip, AT_ONCE)).await?;
    let due = names.into_iter().map(|name| Due {
        // it may be taken back, and given up again
        cause: Uuid::new_v5(
            &name.reservation,
            &name.since.timestamp_micros().to_be_bytes(),
        ),
        command: LetNameGo {
            member: MemberId(name.member),
            reservation: ReservationId(name.reservation),
        },
    });
    Ok(due.collect())
}

/// Lets members write again whose suspension is over.
pub fn end_suspensions(app: &App, clock: Clock, every: Duration) -> Reactor {
    let reader = app.reader.clone();
    let reacting = reacting(app, "end_suspensions", clock, every);
    Reactor::start(reacting, move |at, skip| over(reader.clone(), at, skip))
}

async fn over(
    reader: Reader,
    at: DateTime<Utc>,
    skip: i64,
) -> sqlx::Result<Vec<Due<EndSuspension>>> {
    let mut snapshot = reader.snapshot(None).await?;
    let over = measures::over(&mut snapshot, at, (skip, AT_ONCE)).await?;
    let due = over.into_iter().map(|(measure, member)| Due {
        cause: measure,
        command: EndSuspension {
            measure: MeasureId(measure),
            member: MemberId(member),
            at,
        },
    });
    Ok(due.collect())
}
