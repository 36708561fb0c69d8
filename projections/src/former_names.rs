//! Names that members had before, and are theirs for a while still.

use chrono::{DateTime, Utc};
use domain::Event;
use domain::member::Event as MemberEvent;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

table! {
    pub struct FormerName in former_names {
        key { reservation: Uuid }
        member: Uuid,
        since: DateTime<Utc>,
    }
}

impl ReadModel for FormerName {
    fn apply(happened: &Happened, names: &mut Changes<FormerName>) {
        let Event::Member(event) = &happened.event else {
            return;
        };
        match event {
            MemberEvent::Renamed(renamed) => {
                if renamed.former != renamed.reservation {
                    names.put(FormerName {
                        reservation: renamed.former.0,
                        member: renamed.member.0,
                        since: happened.at,
                    });
                }
                names.remove((renamed.reservation.0,));
            }
            MemberEvent::NameLetGo(let_go) => names.remove((let_go.reservation.0,)),
            MemberEvent::SignedUp(_)
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
            | MemberEvent::Reinstated(_)
            | MemberEvent::WithdrawalAsked(_)
            | MemberEvent::WithdrawalTakenBack(_)
            | MemberEvent::Withdrawn(_) => {}
        }
    }
}

/// The oldest that were given up before then.
pub async fn given_up_before(
    connection: &mut PgConnection,
    then: DateTime<Utc>,
    (skip, limit): (i64, i64),
) -> sqlx::Result<Vec<FormerName>> {
    sqlx::query_as(
        "select * from former_names where since <= $1
         order by since, reservation limit $2 offset $3",
    )
    .bind(then)
    .bind(limit)
    .bind(skip)
    .fetch_all(connection)
    .await
}

#[cfg(test)]
mod tests {
    use domain::{ReservationId, member};

    use super::*;
    use crate::given::*;

    fn renamed(reservation: u128, former: u128) -> Event {
        let name = domain::MemberName::new("Anna").unwrap();
        member::Renamed {
            member: ANN,
            name: name.into(),
            reservation: ReservationId(Uuid::from_u128(reservation)),
            former: ReservationId(Uuid::from_u128(former)),
        }
        .into()
    }

    #[test]
    fn a_former_name_is_kept_until_it_is_let_go_or_taken_back() {
        let rows: Vec<FormerName> = given(vec![signed_up(), renamed(2, 1), renamed(3, 2)]);
        let kept = |reservation, position| FormerName {
            reservation: Uuid::from_u128(reservation),
            member: ANN.0,
            since: at(position),
        };
        assert_eq!(rows, [kept(1, 2), kept(2, 3)]);
        let let_go = member::NameLetGo {
            member: ANN,
            reservation: ReservationId(Uuid::from_u128(1)),
        };
        let rows: Vec<FormerName> = given(vec![
            signed_up(),
            renamed(2, 1),
            renamed(3, 2),
            let_go.into(),
            renamed(2, 3),
        ]);
        assert_eq!(rows, [kept(3, 5)]);
    }

    #[test]
    fn a_change_of_case_gives_up_nothing() {
        let rows: Vec<FormerName> = given(vec![signed_up(), renamed(1, 1)]);
        assert_eq!(rows, []);
    }
}
