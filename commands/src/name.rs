//! A member's name: another one, while the former stays theirs for a while, so that nobody is taken
//! for them.

use chrono::TimeDelta;
use domain::member::{NameLetGo, Renamed};
use domain::reservation::Kind;
use domain::{Event, MemberId, MemberName, ReservationId, Sealed, Stream};

use crate::member::{is_held, may_write, released, reserved};
use crate::{Command, Refused, Seen};

/// A former name is nobody else's for so long.
pub const KEPT: TimeDelta = TimeDelta::days(30);
/// Former names that one member keeps; beyond it a new name waits until one is let go.
pub const MOST_FORMER: usize = 3;

#[derive(Clone, Debug)]
pub struct Rename {
    pub member: MemberId,
    pub name: MemberName,
    /// Of the new name's key.
    pub reservation: ReservationId,
    /// The one that the member holds for the name until now. The same as the new one where only
    /// the name's case or Unicode form changes.
    pub former: ReservationId,
}

impl Command for Rename {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.reservation.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let member = may_write(seen, self.member)?;
        let name = Sealed::Open(self.name.clone());
        if member.name == name.fingerprint() && member.name_reservation == self.reservation {
            return Ok(vec![]);
        }
        if member.name_reservation != self.former {
            return Err(Refused::Outdated);
        }
        let renamed = Renamed {
            member: self.member,
            name,
            reservation: self.reservation,
            former: self.former,
        };
        let is_own =
            self.reservation == self.former || member.former_names.contains(&self.reservation);
        if is_own {
            return Ok(vec![renamed.into()]);
        }
        if is_held(seen, self.reservation) {
            return Err(Refused::NameTaken);
        }
        if member.former_names.len() >= MOST_FORMER {
            return Err(Refused::TooManyNames);
        }
        Ok(vec![
            reserved(self.reservation, Kind::Name, self.member),
            renamed.into(),
        ])
    }
}

/// Asked when its time is over.
#[derive(Clone, Debug)]
pub struct LetNameGo {
    pub member: MemberId,
    pub reservation: ReservationId,
}

impl Command for LetNameGo {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.reservation.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self {
            member,
            reservation,
        } = *self;
        let state = seen.member(member).ok_or(Refused::NoSuchMember)?;
        if !state.former_names.contains(&reservation) {
            return Ok(vec![]);
        }
        let let_go = NameLetGo {
            member,
            reservation,
        };
        Ok(vec![let_go.into(), released(reservation, member)])
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::harness::*;

    fn name(typed: &str) -> MemberName {
        MemberName::new(typed).unwrap()
    }

    const ANNA: ReservationId = ReservationId(Uuid::from_u128(0xAA));

    fn rename_to_anna() -> Rename {
        Rename {
            member: ANN,
            name: name("Anna"),
            reservation: ANNA,
            former: name_of(ANN),
        }
    }

    fn renamed(typed: &str, reservation: ReservationId, former: ReservationId) -> Event {
        Renamed {
            member: ANN,
            name: name(typed).into(),
            reservation,
            former,
        }
        .into()
    }

    fn holds(reservation: ReservationId, member: MemberId) -> Event {
        reserved(reservation, Kind::Name, member)
    }

    /// Ann and Bob, and what happened since.
    fn history(events: impl IntoIterator<Item = Event>) -> History {
        let mut history = given([
            holds(name_of(ANN), ANN),
            signed_up(ANN).into(),
            holds(name_of(BOB), BOB),
            signed_up(BOB).into(),
        ]);
        history.record(&events.into_iter().collect::<Vec<_>>());
        history
    }

    fn is_anna() -> [Event; 2] {
        [holds(ANNA, ANN), renamed("Anna", ANNA, name_of(ANN))]
    }

    #[test]
    fn a_new_name_is_reserved_and_the_former_one_kept() {
        history([]).when(rename_to_anna()).then(is_anna());
        let bob_wants_it = Rename {
            member: BOB,
            name: name("Ann"),
            reservation: name_of(ANN),
            former: name_of(BOB),
        };
        history(is_anna())
            .when(bob_wants_it)
            .refused(Refused::NameTaken);
    }

    #[test]
    fn a_former_name_is_taken_back_at_any_time() {
        history(is_anna())
            .when(Rename {
                member: ANN,
                name: name("Ann"),
                reservation: name_of(ANN),
                former: ANNA,
            })
            .then([renamed("Ann", name_of(ANN), ANNA)]);
    }

    #[test]
    fn a_former_name_is_let_go_once_and_a_present_one_never() {
        let let_go = |reservation| LetNameGo {
            member: ANN,
            reservation,
        };
        let gone = || {
            let let_go = NameLetGo {
                member: ANN,
                reservation: name_of(ANN),
            };
            [let_go.into(), released(name_of(ANN), ANN)]
        };
        history(is_anna()).when(let_go(name_of(ANN))).then(gone());
        history(is_anna()).when(let_go(ANNA)).then([]);
        let left = is_anna().into_iter().chain([withdrawn(ANN).into()]);
        history(left).when(let_go(name_of(ANN))).then(gone());
    }

    #[test]
    fn nobody_keeps_more_names_than_a_few() {
        let number = |number: usize| ReservationId(Uuid::from_u128(0xAA00 + number as u128));
        let mut events = Vec::new();
        let mut former = name_of(ANN);
        for n in 0..MOST_FORMER {
            events.push(holds(number(n), ANN));
            events.push(renamed("A", number(n), former));
            former = number(n);
        }
        history(events)
            .when(Rename {
                former,
                ..rename_to_anna()
            })
            .refused(Refused::TooManyNames);
    }

    #[test]
    fn a_change_of_case_needs_no_new_reservation() {
        let reservation = name_of(ANN);
        history([])
            .when(Rename {
                member: ANN,
                name: name("ANN"),
                reservation,
                former: reservation,
            })
            .then([renamed("ANN", reservation, reservation)]);
    }

    #[test]
    fn the_name_that_one_has_changes_nothing() {
        history([])
            .when(Rename {
                member: ANN,
                name: name("Ann"),
                reservation: name_of(ANN),
                former: name_of(ANN),
            })
            .then([]);
    }

    #[test]
    fn a_name_of_another_member_is_refused() {
        let reservation = name_of(BOB);
        history([])
            .when(Rename {
                reservation,
                ..rename_to_anna()
            })
            .refused(Refused::NameTaken);
    }

    #[test]
    fn whoever_was_renamed_meanwhile_looks_again() {
        let former = name_of(BOB);
        history([])
            .when(Rename {
                former,
                ..rename_to_anna()
            })
            .refused(Refused::Outdated);
    }

    #[test]
    fn only_members_have_names() {
        given([])
            .when(rename_to_anna())
            .refused(Refused::NoSuchMember);
        history([withdrawn(ANN).into()])
            .when(rename_to_anna())
            .refused(Refused::Withdrawn);
    }
}
