//! Who wants to leave, and when it is carried out.

use chrono::{DateTime, Utc};
use domain::Event;
use domain::member::Event as MemberEvent;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

table! {
    pub struct Withdrawal in withdrawals {
        key { member: Uuid }
        /// `identity` or `everything`.
        extent: String,
        due: DateTime<Utc>,
        carried_out: bool,
    }
}

impl ReadModel for Withdrawal {
    fn apply(happened: &Happened, withdrawals: &mut Changes<Withdrawal>) {
        let Event::Member(event) = &happened.event else {
            return;
        };
        match event {
            MemberEvent::WithdrawalAsked(asked) => withdrawals.put(Withdrawal {
                member: asked.member.0,
                extent: asked.extent.slug().to_owned(),
                due: asked.due,
                carried_out: false,
            }),
            MemberEvent::WithdrawalTakenBack(back) => withdrawals.remove((back.member.0,)),
            MemberEvent::Withdrawn(withdrawn) => {
                withdrawals.patch_if_there((withdrawn.member.0,), |withdrawal| {
                    withdrawal.carried_out = true;
                });
            }
            MemberEvent::SignedUp(_)
            | MemberEvent::Renamed(_)
            | MemberEvent::NameLetGo(_)
            | MemberEvent::AboutChanged(_)
            | MemberEvent::LanguageChosen(_)
            | MemberEvent::EmailVerified(_)
            | MemberEvent::EmailChanged(_)
            | MemberEvent::PasswordChanged(_)
            | MemberEvent::IdentityLinked(_)
            | MemberEvent::IdentityUnlinked(_)
            | MemberEvent::RoleGranted(_)
            | MemberEvent::RoleRevoked(_)
            | MemberEvent::SecondFactorSet(_)
            | MemberEvent::SecondFactorRemoved(_)
            | MemberEvent::Suspended(_)
            | MemberEvent::Reinstated(_) => {}
        }
    }
}

/// One that is due, with what the member holds.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DueWithdrawal {
    pub member: Uuid,
    pub extent: String,
    pub due: DateTime<Utc>,
    pub name_reservation: Uuid,
    pub email_reservation: Uuid,
}

/// The oldest that are due and not carried out.
pub async fn due(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    (skip, limit): (i64, i64),
) -> sqlx::Result<Vec<DueWithdrawal>> {
    sqlx::query_as(
        "select w.member, w.extent, w.due, m.name_reservation, m.email_reservation
         from withdrawals w join members m using (member)
         where w.due <= $1 and not w.carried_out order by w.due, w.member limit $2 offset $3",
    )
    .bind(now)
    .bind(limit)
    .bind(skip)
    .fetch_all(connection)
    .await
}

/// Who has left since then.
pub async fn carried_out_since(
    connection: &mut PgConnection,
    then: DateTime<Utc>,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar("select member from withdrawals where carried_out and due >= $1")
        .bind(then)
        .fetch_all(connection)
        .await
}

#[cfg(test)]
mod tests {
    use domain::forgetting::Extent;
    use domain::member;

    use super::*;
    use crate::given::*;

    fn asked() -> Event {
        member::WithdrawalAsked {
            member: ANN,
            extent: Extent::Identity,
            due: at(9),
        }
        .into()
    }

    #[test]
    fn a_withdrawal_waits_until_it_is_carried_out_or_taken_back() {
        let rows: Vec<Withdrawal> = given(vec![signed_up(), asked()]);
        assert_eq!((rows[0].due, rows[0].carried_out), (at(9), false));
        let rows: Vec<Withdrawal> = given(vec![signed_up(), asked(), withdrawn()]);
        assert!(rows[0].carried_out);
        let back = member::WithdrawalTakenBack { member: ANN };
        let rows: Vec<Withdrawal> = given(vec![signed_up(), asked(), back.into()]);
        assert_eq!(rows, []);
        let rows: Vec<Withdrawal> = given(vec![signed_up(), withdrawn()]);
        assert_eq!(rows, [], "at once");
    }
}
