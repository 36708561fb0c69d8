//! Leases: work that one node at a time may do, with fencing. Outside the log:
//! who holds one is of no interest once it is over.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use uuid::Uuid;

/// A lease that is not renewed ends after this; renew several times as often.
pub const TTL: Duration = Duration::from_secs(5);

/// A lease that this connection holds.
#[derive(Clone, Debug)]
pub struct Lease {
    name: &'static str,
    epoch: i64,
}

/// Takes a lease that nobody holds: free, run out, or held by a connection that
/// is gone. A holder that still runs after its time is ended by the server
/// first, since the locks of its transaction would stay. `None`: it is held.
///
/// The lease belongs to `connection`: a holder that reconnects takes it anew.
pub async fn acquire(
    connection: &mut PgConnection,
    name: &'static str,
    holder: Uuid,
) -> sqlx::Result<Option<Lease>> {
    sqlx::query(
        "select pg_terminate_backend(a.pid)
         from coordination.leases l
         join pg_stat_activity a on a.pid = l.backend and a.backend_start = l.backend_start
         where l.name = $1 and l.expires_at < clock_timestamp() and a.pid <> pg_backend_pid()",
    )
    .bind(name)
    .execute(&mut *connection)
    .await?;
    // asked first: the insert would wait for a transaction of a holder whose time is
    // not over, and if that holder was stopped in the middle of it, for ever
    let held: bool = sqlx::query_scalar(
        "select exists (
             select from coordination.leases l
             join pg_stat_activity b on b.pid = l.backend and b.backend_start = l.backend_start
             where l.name = $1 and l.expires_at >= clock_timestamp())",
    )
    .bind(name)
    .fetch_one(&mut *connection)
    .await?;
    if held {
        return Ok(None);
    }
    let epoch: Option<i64> = sqlx::query_scalar(
        "insert into coordination.leases as l (name, holder, epoch, backend, backend_start, expires_at)
         select $1, $2, 1, a.pid, a.backend_start, clock_timestamp() + make_interval(secs => $3)
         from pg_stat_activity a where a.pid = pg_backend_pid()
         on conflict (name) do update
         set holder = excluded.holder, epoch = l.epoch + 1, backend = excluded.backend,
             backend_start = excluded.backend_start, expires_at = excluded.expires_at
         where l.expires_at < clock_timestamp()
            or not exists (select from pg_stat_activity b
                           where b.pid = l.backend and b.backend_start = l.backend_start)
         returning l.epoch",
    )
    .bind(name)
    .bind(holder)
    .bind(TTL.as_secs_f64())
    .fetch_optional(connection)
    .await?;
    Ok(epoch.map(|epoch| Lease { name, epoch }))
}

impl Lease {
    /// Holds it for another [`TTL`]; false when it was lost.
    pub async fn renew(&self, connection: &mut PgConnection) -> sqlx::Result<bool> {
        let renewed = sqlx::query(
            "update coordination.leases
             set expires_at = clock_timestamp() + make_interval(secs => $3)
             where name = $1 and epoch = $2",
        )
        .bind(self.name)
        .bind(self.epoch)
        .bind(TTL.as_secs_f64())
        .execute(connection)
        .await?;
        Ok(renewed.rows_affected() == 1)
    }

    /// As `renew`, from another connection, while the holder's is at work that takes longer than that.
    /// False also when the server has not heard of the holder's for as long: its wire is dead, and
    /// whoever waits for an answer waits in vain.
    pub async fn renew_beside(&self, other: &mut PgConnection) -> sqlx::Result<bool> {
        let renewed = sqlx::query(
            "update coordination.leases l
             set expires_at = clock_timestamp() + make_interval(secs => $3)
             from pg_stat_activity a
             where l.name = $1 and l.epoch = $2
               and a.pid = l.backend and a.backend_start = l.backend_start
               and (a.state in ('active', 'disabled')
                    or a.state_change > clock_timestamp() - make_interval(secs => $3))",
        )
        .bind(self.name)
        .bind(self.epoch)
        .bind(TTL.as_secs_f64())
        .execute(other)
        .await?;
        Ok(renewed.rows_affected() == 1)
    }

    /// The fence: inside a transaction, true only if the lease is still held, and
    /// then nobody else gets it before the transaction ends.
    pub async fn fence(&self, connection: &mut PgConnection) -> sqlx::Result<bool> {
        // its epoch is part of a key: that stays as it is, and renewing waits for nothing
        let held = sqlx::query(
            "select from coordination.leases where name = $1 and epoch = $2 for key share",
        )
        .bind(self.name)
        .bind(self.epoch)
        .fetch_optional(connection)
        .await?;
        Ok(held.is_some())
    }
}

/// Ends a lease, whoever holds it: the holder is fenced off and somebody takes it
/// anew. In a transaction it keeps everybody from it until that ends, also when
/// nobody ever held it.
pub async fn revoke(connection: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    sqlx::query(
        "insert into coordination.leases as l
             (name, holder, epoch, backend, backend_start, expires_at)
         values ($1, $2, 1, 0, '-infinity', '-infinity')
         on conflict (name) do update set epoch = l.epoch + 1, expires_at = '-infinity'",
    )
    .bind(name)
    .bind(Uuid::nil())
    .execute(connection)
    .await?;
    Ok(())
}
