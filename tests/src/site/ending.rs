//! The end of a test: what is read is what the log says, also when somebody was forgotten.

use std::time::Duration;

use domain::forgetting::Extent;
use domain::{MemberId, ReservationId};
use projections::Pace;
use sealing::Held;
use tokio::time::Instant;
use uuid::Uuid;

use super::{PATIENCE, Site};
use crate::history;

impl Site {
    /// Ends a test: the read tables are what replaying the log gives; also when a member was
    /// forgotten and the replay can't open what was theirs.
    pub async fn end(self) {
        self.replay().await;
        if self.forget_somebody().await {
            self.replay().await;
        }
        self.app.end().await;
    }

    async fn replay(&self) {
        let head = self.project().await;
        // one that remembers no keys
        let keyring = crate::keyring(&self.vault).await;
        let verdict = projections::verify(&self.pool, &keyring, Pace::Full, |_| {}).await;
        let verdict = verdict.expect("a replay");
        assert_eq!(verdict.position, head);
        assert!(verdict.differences.is_empty(), "{:#?}", verdict.differences);
    }

    /// Whoever is there longest takes everything along; false: nobody is there.
    async fn forget_somebody(&self) -> bool {
        let member: Option<Uuid> = sqlx::query_scalar(
            "select member from read.members
             where not withdrawn order by joined_at, member limit 1",
        )
        .fetch_optional(&self.pool)
        .await
        .expect("the members");
        let Some(member) = member else {
            return false;
        };
        self.forget(MemberId(member)).await;
        true
    }

    /// A member takes everything along, until their keys are destroyed.
    pub async fn forget(&self, member: MemberId) {
        let (name_reservation, email_reservation): (Uuid, Uuid) = sqlx::query_as(
            "select name_reservation, email_reservation from read.members where member = $1",
        )
        .bind(member.0)
        .fetch_one(&self.pool)
        .await
        .expect("the member");
        let leaving = commands::member::Withdraw {
            member,
            extent: Extent::Everything,
            name_reservation: ReservationId(name_reservation),
            email_reservation: ReservationId(email_reservation),
        };
        let left = commands::execute(&self.app.sequencer, history::asked(member), leaving).await;
        left.expect("they may leave");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let keys = self.keyring.fetch(member.key_ids()).await.expect("a vault");
            let mut ids = member.key_ids().into_iter();
            if ids.all(|id| matches!(keys.get(id), Some(Held::Destroyed))) {
                return;
            }
            assert!(Instant::now() < deadline, "the keys were never destroyed");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}
