//! A member's own history: what they did, what was done about them, and which auditor read it.

use event_log::{Filter, Matches, Named, Order, read_matching, read_positions};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::audit_reads;

/// At most `limit` events of a member's history behind a position up to another. Reports of what
/// they wrote are not among them: those are between the reporter and the moderators.
pub async fn own(
    connection: &mut PgConnection,
    member: Uuid,
    range: (i64, i64),
    order: Order,
    limit: i64,
) -> sqlx::Result<Matches> {
    let named = Named {
        id: member,
        fields: &["member"],
        or_actor: true,
    };
    let filter = Filter {
        named: vec![named],
        ..Filter::default()
    };
    let more = limit.saturating_add(1);
    let did = read_matching(connection, &filter, range, order, more).await?;
    let newest_first = order == Order::NewestFirst;
    let positions = audit_reads::positions(connection, member, range, newest_first, more).await?;
    let is_full = i64::try_from(positions.len()) == Ok(more);
    let readings = Matches {
        events: read_positions(connection, &positions).await?,
        next: positions.last().copied().filter(|_| is_full),
    };
    Ok(Matches::merged(vec![did, readings], order, limit))
}
