//! Members who have gone. What they thought is left out of all later fits, and a fit
//! is due at once.

use domain::{Event, forgetting, member};
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

table! {
    pub struct Departure in departures {
        key { member: Uuid }
        position: i64,
    }
}

impl ReadModel for Departure {
    fn apply(happened: &Happened, departures: &mut Changes<Departure>) {
        match &happened.event {
            Event::Member(member::Event::Withdrawn(withdrawn)) => departures.put(Departure {
                member: withdrawn.member.0,
                position: happened.position,
            }),
            Event::Forgetting(forgetting::Event::Forgotten(forgotten)) => {
                departures.put(Departure {
                    member: forgotten.member.0,
                    position: happened.position,
                });
            }
            Event::Member(
                member::Event::SignedUp(_)
                | member::Event::Renamed(_)
                | member::Event::AboutChanged(_)
                | member::Event::LanguageChosen(_)
                | member::Event::NameLetGo(_)
                | member::Event::SecondFactorSet(_)
                | member::Event::SecondFactorRemoved(_)
                | member::Event::Suspended(_)
                | member::Event::Reinstated(_)
                | member::Event::WithdrawalAsked(_)
                | member::Event::WithdrawalTakenBack(_)
                | member::Event::EmailVerified(_)
                | member::Event::EmailChanged(_)
                | member::Event::PasswordChanged(_)
                | member::Event::IdentityLinked(_)
                | member::Event::IdentityUnlinked(_)
                | member::Event::RoleGranted(_)
                | member::Event::RoleRevoked(_),
            )
            | Event::Review(_)
            | Event::Film(_)
            | Event::Reservation(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn who_withdraws_has_gone() {
        let rows: Vec<Departure> = given(vec![signed_up(), withdrawn()]);
        let gone = Departure {
            member: ANN.0,
            position: 2,
        };
        assert_eq!(rows, [gone]);
    }
}
