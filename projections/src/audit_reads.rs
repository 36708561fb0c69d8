//! Which readings of auditors concerned whom: members see them in their own history.

use domain::{Event, audit, forgetting};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

table! {
    pub struct AuditRead in audit_reads {
        key { member: Uuid, position: i64 }
        auditor: Uuid,
    }
}

impl ReadModel for AuditRead {
    fn apply(happened: &Happened, reads: &mut Changes<AuditRead>) {
        match &happened.event {
            Event::Audit(audit::Event::Read(read)) => {
                for member in &read.members {
                    reads.put(AuditRead {
                        member: member.0,
                        position: happened.position,
                        auditor: read.audit.0.0,
                    });
                }
            }
            // nobody is left whom it could be told
            Event::Forgetting(forgetting::Event::Forgotten(forgotten)) => {
                reads.remove_where("member", forgotten.member.0);
            }
            Event::Film(_)
            | Event::Reservation(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_) => {}
        }
    }
}

/// The positions of at most `limit` of them behind a position up to another.
pub(crate) async fn positions(
    connection: &mut PgConnection,
    member: Uuid,
    (after, through): (i64, i64),
    newest_first: bool,
    limit: i64,
) -> sqlx::Result<Vec<i64>> {
    let sql = if newest_first {
        "select position from audit_reads
         where member = $1 and position > $2 and position <= $3
         order by position desc limit $4"
    } else {
        "select position from audit_reads
         where member = $1 and position > $2 and position <= $3
         order by position limit $4"
    };
    sqlx::query_scalar(sql)
        .bind(member)
        .bind(after)
        .bind(through)
        .bind(limit)
        .fetch_all(connection)
        .await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::forgetting::{Extent, Forgotten};
    use domain::{ForgettingId, MemberId};

    use super::*;
    use crate::given::*;

    fn read(members: &[MemberId]) -> Event {
        audit::Read {
            audit: audit::AuditBy(BOB),
            read: Uuid::from_u128(1),
            asked: audit::Asked::default(),
            first: 1,
            last: 2,
            members: members.iter().copied().collect::<BTreeSet<_>>(),
        }
        .into()
    }

    #[test]
    fn a_reading_is_told_to_each_whom_it_concerns_until_they_are_forgotten() {
        let mut events = vec![read(&[ANN, BOB]), read(&[]), read(&[ANN])];
        let told = |rows: Vec<AuditRead>| {
            let rows = rows.into_iter();
            rows.map(|row| (row.member, row.position))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            told(given(events.clone())),
            [(ANN.0, 1), (ANN.0, 3), (BOB.0, 1)]
        );
        let forgotten = Forgotten {
            forgetting: ForgettingId::of(ANN),
            member: ANN,
            extent: Extent::Identity,
        };
        events.push(forgotten.into());
        assert_eq!(told(given(events)), [(BOB.0, 1)]);
    }
}
