//! Sweeping out what belongs to nobody, or is good for nothing any more.

use sqlx::PgPool;
use uuid::Uuid;

use super::{Vault, begin};

/// Members looked up in the log at once.
const SWEPT_AT_ONCE: i64 = 1_000;

impl Vault {
    /// Accounts and keys of sign-ups that were never recorded and can't be any more, accounts of
    /// members who have withdrawn, sessions that are over. Vault and log may be two databases:
    /// nothing joins them.
    pub async fn sweep(&self, log: &PgPool) -> sqlx::Result<()> {
        let mut last = Uuid::nil();
        loop {
            let page: Vec<Uuid> = sqlx::query_scalar(
                "select member from (
                     select member, created_at from vault.accounts
                     union all select member, created_at from vault.keys) as held
                 where member > $1 group by member
                 having max(created_at) < now() - interval '1 hour'
                     and not exists (select from vault.sign_ups where id = member)
                 order by member limit $2",
            )
            .bind(last)
            .bind(SWEPT_AT_ONCE)
            .fetch_all(&self.pool)
            .await?;
            let Some(furthest) = page.last() else { break };
            last = *furthest;
            self.sweep_members(log, &page).await?;
        }
        sqlx::query(
            "delete from vault.sessions s
             where not exists (select from vault.accounts a where a.member = s.member)",
        )
        .execute(&self.pool)
        .await?;
        self.sweep_expired().await
    }

    /// What was good for a while: nobody need come by for it to go.
    pub async fn sweep_expired(&self) -> sqlx::Result<()> {
        for statement in [
            "delete from vault.sessions where expires_at < now()",
            "delete from vault.sign_ups where expires_at < now()",
            "delete from vault.arrivals where expires_at < now()",
            "delete from vault.ceremonies where expires_at < now()",
            "delete from vault.halfway where expires_at < now()",
            "delete from vault.guesses where free_at < now()",
            "delete from vault.tickets where expires_at < now()",
            "delete from vault.journeys where expires_at < now()",
            // those of the last hour are counted: see `was_mailed_enough`
            "delete from vault.mail_links
             where expires_at < now() and created_at < now() - interval '1 hour'",
            // a preview of what a member would bring along, which nobody imports
            "delete from vault.uploads
             where phase = 'preview' and touched_at < now() - interval '1 day'",
        ] {
            sqlx::query(statement).execute(&self.pool).await?;
        }
        Ok(())
    }

    async fn sweep_members(&self, log: &PgPool, members: &[Uuid]) -> sqlx::Result<()> {
        let mut transaction = begin(&self.pool).await?;
        // whoever is being recorded right now has touched theirs, or waits until this is over
        let touched: Vec<Uuid> = sqlx::query_scalar(
            "with locked as (select member, created_at from vault.accounts
                             where member = any($1) for update)
             select member from locked where created_at >= now() - interval '1 hour'",
        )
        .bind(members)
        .fetch_all(&mut *transaction)
        .await?;
        let members: Vec<Uuid> = members
            .iter()
            .filter(|member| !touched.contains(member))
            .copied()
            .collect();
        let found: Vec<(Uuid, bool)> = sqlx::query_as(
            "select m, exists (select from log.events
                               where stream = 'member-' || m and event_type = 'member.withdrawn')
             from unnest($1::uuid[]) as m
             where exists (select from log.events where stream = 'member-' || m)",
        )
        .bind(&members)
        .fetch_all(log)
        .await?;
        let recorded: Vec<Uuid> = found.iter().map(|(member, _)| *member).collect();
        let stay: Vec<Uuid> = found
            .iter()
            .filter(|(_, withdrawn)| !withdrawn)
            .map(|(member, _)| *member)
            .collect();
        for statement in [
            "delete from vault.accounts where member = any($1) and member <> all($2)",
            "delete from vault.identities where member = any($1) and member <> all($2)",
            "delete from vault.mail_links where member = any($1) and member <> all($2)",
            "delete from vault.uploads where member = any($1) and member <> all($2)",
            "delete from vault.authenticators where member = any($1) and member <> all($2)",
        ] {
            sqlx::query(statement)
                .bind(&members)
                .bind(&stay)
                .execute(&mut *transaction)
                .await?;
        }
        // those that were destroyed stay known as such
        sqlx::query(
            "delete from vault.keys
             where member = any($1) and member <> all($2) and wrapped is not null",
        )
        .bind(&members)
        .bind(recorded)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }
}
