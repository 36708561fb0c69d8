//! Becoming a member, being one, and ceasing to be.

use domain::forgetting::{Extent, Forgotten};
use domain::member::{AboutChanged, LanguageChosen, PasswordChanged, SignedUp, State, Withdrawn};
use domain::reservation::{Kind, Released, Reserved};
use domain::{
    About, Email, Event, ForgettingId, Language, MemberId, MemberName, ReservationId, Sealed,
    Stream,
};
use uuid::Uuid;

use crate::{Command, Refused, Seen};

/// The password goes to the vault, not here.
#[derive(Clone, Debug)]
pub struct SignUp {
    pub member: MemberId,
    pub name: MemberName,
    pub email: Email,
    pub language: Language,
    /// Of the name's key.
    pub name_reservation: ReservationId,
    /// Of the e-mail's key.
    pub email_reservation: ReservationId,
}

impl Command for SignUp {
    fn streams(&self) -> Vec<Stream> {
        vec![
            self.member.stream(),
            self.name_reservation.stream(),
            self.email_reservation.stream(),
        ]
    }

    fn introduces(&self) -> Option<MemberId> {
        Some(self.member)
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        if seen.member(self.member).is_some() {
            return active(seen, self.member).map(|_| vec![]);
        }
        if is_held(seen, self.name_reservation) {
            return Err(Refused::NameTaken);
        }
        if is_held(seen, self.email_reservation) {
            return Err(Refused::EmailTaken);
        }
        Ok(vec![
            reserved(self.name_reservation, Kind::Name, self.member),
            reserved(self.email_reservation, Kind::Email, self.member),
            SignedUp {
                member: self.member,
                name: self.name.clone().into(),
                email: self.email.clone().into(),
                language: self.language,
                name_reservation: self.name_reservation,
                email_reservation: self.email_reservation,
            }
            .into(),
        ])
    }
}

#[derive(Clone, Debug)]
pub struct ChangeAbout {
    pub member: MemberId,
    pub about: About,
}

impl Command for ChangeAbout {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let about = Sealed::Open(self.about.clone());
        if may_write(seen, self.member)?.about == about.fingerprint() {
            return Ok(vec![]);
        }
        let member = self.member;
        Ok(vec![AboutChanged { member, about }.into()])
    }
}

#[derive(Clone, Debug)]
pub struct ChooseLanguage {
    pub member: MemberId,
    pub language: Language,
}

impl Command for ChooseLanguage {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self { member, language } = *self;
        if active(seen, member)?.language == language {
            return Ok(vec![]);
        }
        Ok(vec![LanguageChosen { member, language }.into()])
    }
}

/// The password itself changes in the vault.
#[derive(Clone, Debug)]
pub struct RecordPasswordChange {
    pub member: MemberId,
    /// A new number for every change.
    pub change: Uuid,
}

impl Command for RecordPasswordChange {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self { member, change } = *self;
        if active(seen, member)?.last_password_change == Some(change) {
            return Ok(vec![]);
        }
        Ok(vec![PasswordChanged { member, change }.into()])
    }
}

/// Name and e-mail are free for others again, and the member is forgotten as far as they wish.
#[derive(Clone, Debug)]
pub struct Withdraw {
    pub member: MemberId,
    pub extent: Extent,
    /// The reservations that the member holds.
    pub name_reservation: ReservationId,
    pub email_reservation: ReservationId,
}

impl Command for Withdraw {
    fn streams(&self) -> Vec<Stream> {
        vec![
            self.member.stream(),
            self.name_reservation.stream(),
            self.email_reservation.stream(),
            ForgettingId::of(self.member).stream(),
        ]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let member = seen.member(self.member).ok_or(Refused::NoSuchMember)?;
        if member.withdrawn {
            return Ok(vec![]);
        }
        if member.name_reservation != self.name_reservation
            || member.email_reservation != self.email_reservation
        {
            return Err(Refused::Outdated);
        }
        let member = self.member;
        let mut events = vec![
            Withdrawn { member }.into(),
            released(self.name_reservation, member),
            released(self.email_reservation, member),
        ];
        let forgotten = seen.forgetting(member).map(|state| state.extent);
        if forgotten < Some(self.extent) {
            events.push(forget(member, self.extent));
        }
        Ok(events)
    }
}

/// Whoever acts must be a member, and still be one.
pub(crate) fn active(seen: &impl Seen, member: MemberId) -> Result<&State, Refused> {
    let state = seen.member(member).ok_or(Refused::NoSuchMember)?;
    if state.withdrawn {
        return Err(Refused::Withdrawn);
    }
    Ok(state)
}

/// Whoever says something to others must be a member who may.
pub(crate) fn may_write(seen: &impl Seen, member: MemberId) -> Result<&State, Refused> {
    let state = active(seen, member)?;
    if state.suspended.is_some() {
        return Err(Refused::Suspended);
    }
    Ok(state)
}

/// Somebody whom a command is about: who has withdrawn is not there any more.
pub(crate) fn standing(seen: &impl Seen, member: MemberId) -> Result<&State, Refused> {
    active(seen, member).map_err(|_| Refused::NoSuchMember)
}

fn forget(member: MemberId, extent: Extent) -> Event {
    Forgotten {
        forgetting: ForgettingId::of(member),
        member,
        extent,
    }
    .into()
}

pub(crate) fn is_held(seen: &impl Seen, reservation: ReservationId) -> bool {
    seen.reservation(reservation)
        .is_some_and(|reservation| reservation.holder.is_some())
}

pub(crate) fn reserved(reservation: ReservationId, kind: Kind, member: MemberId) -> Event {
    Reserved {
        reservation,
        kind,
        member,
    }
    .into()
}

pub(crate) fn released(reservation: ReservationId, member: MemberId) -> Event {
    Released {
        reservation,
        member,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::*;

    fn name(typed: &str) -> MemberName {
        MemberName::new(typed).unwrap()
    }

    fn sign_up(member: MemberId) -> SignUp {
        SignUp {
            member,
            name: name(if member == ANN { "Ann" } else { "Bob" }),
            email: email(member),
            language: Language::Ko,
            name_reservation: name_of(member),
            email_reservation: email_of(member),
        }
    }

    fn signs_up(member: MemberId) -> [Event; 3] {
        [
            reserved(name_of(member), Kind::Name, member),
            reserved(email_of(member), Kind::Email, member),
            signed_up(member).into(),
        ]
    }

    fn both_sign_up() -> [Event; 6] {
        let [a, b, c] = signs_up(ANN);
        let [d, e, f] = signs_up(BOB);
        [a, b, c, d, e, f]
    }

    fn withdraw() -> Withdraw {
        Withdraw {
            member: ANN,
            extent: Extent::Identity,
            name_reservation: name_of(ANN),
            email_reservation: email_of(ANN),
        }
    }

    #[test]
    fn a_sign_up_reserves_name_and_email() {
        given([]).when(sign_up(ANN)).then(signs_up(ANN));
    }

    #[test]
    fn a_name_is_taken_once() {
        let name_reservation = name_of(ANN);
        given(signs_up(ANN))
            .when(SignUp {
                name_reservation,
                ..sign_up(BOB)
            })
            .refused(Refused::NameTaken);
    }

    #[test]
    fn an_email_is_taken_once() {
        let email_reservation = email_of(ANN);
        given(signs_up(ANN))
            .when(SignUp {
                email_reservation,
                ..sign_up(BOB)
            })
            .refused(Refused::EmailTaken);
    }

    #[test]
    fn what_was_released_can_be_taken() {
        let by_ann = reserved(name_of(BOB), Kind::Name, ANN);
        given([by_ann, released(name_of(BOB), ANN)])
            .when(sign_up(BOB))
            .then(signs_up(BOB));
    }

    #[test]
    fn who_withdrew_does_not_sign_up_as_the_same_member() {
        given([signed_up(ANN).into(), withdrawn(ANN).into()])
            .when(sign_up(ANN))
            .refused(Refused::Withdrawn);
    }

    #[test]
    fn members_say_something_about_themselves() {
        let about = About::new("Films, mostly.").unwrap();
        given([signed_up(ANN).into()])
            .when(ChangeAbout {
                member: ANN,
                about: about.clone(),
            })
            .then([AboutChanged {
                member: ANN,
                about: about.into(),
            }
            .into()]);
    }

    #[test]
    fn nothing_said_about_oneself_stays_nothing() {
        given([signed_up(ANN).into()])
            .when(ChangeAbout {
                member: ANN,
                about: About::default(),
            })
            .then([]);
    }

    #[test]
    fn members_choose_their_language() {
        let language = Language::En;
        given([signed_up(ANN).into()])
            .when(ChooseLanguage {
                member: ANN,
                language,
            })
            .then([LanguageChosen {
                member: ANN,
                language,
            }
            .into()]);
    }

    #[test]
    fn every_change_of_a_password_is_recorded() {
        let changed = |change| PasswordChanged {
            member: ANN,
            change: Uuid::from_u128(change),
        };
        given([signed_up(ANN).into(), changed(1).into()])
            .when(RecordPasswordChange {
                member: ANN,
                change: Uuid::from_u128(2),
            })
            .then([changed(2).into()]);
    }

    #[test]
    fn who_withdraws_lets_go_of_name_and_email_and_is_forgotten_as_far_as_they_wish() {
        for extent in Extent::ALL {
            let leaving = Withdraw {
                extent,
                ..withdraw()
            };
            given(signs_up(ANN)).when(leaving).then([
                withdrawn(ANN).into(),
                released(name_of(ANN), ANN),
                released(email_of(ANN), ANN),
                forget(ANN, extent),
            ]);
        }
    }

    #[test]
    fn a_withdrawal_lets_go_only_of_what_one_holds() {
        let name_reservation = name_of(BOB);
        given(both_sign_up())
            .when(Withdraw {
                name_reservation,
                ..withdraw()
            })
            .refused(Refused::Outdated);
        let email_reservation = email_of(BOB);
        given(both_sign_up())
            .when(Withdraw {
                email_reservation,
                ..withdraw()
            })
            .refused(Refused::Outdated);
    }

    #[test]
    fn only_members_change_their_account() {
        let member = NOBODY;
        let about = About::default();
        let language = Language::En;
        let change = Uuid::nil();
        let why = Refused::NoSuchMember;
        given([]).when(ChangeAbout { member, about }).refused(why);
        given([])
            .when(ChooseLanguage { member, language })
            .refused(why);
        given([])
            .when(RecordPasswordChange { member, change })
            .refused(why);
        given([]).when(withdraw()).refused(why);
    }

    #[test]
    fn former_members_change_nothing_any_more() {
        let member = ANN;
        let about = About::new("Gone.").unwrap();
        let language = Language::En;
        let change = Uuid::nil();
        let why = Refused::Withdrawn;
        let gone = || given([signed_up(ANN).into(), withdrawn(ANN).into()]);
        gone().when(ChangeAbout { member, about }).refused(why);
        gone()
            .when(ChooseLanguage { member, language })
            .refused(why);
        gone()
            .when(RecordPasswordChange { member, change })
            .refused(why);
    }
}
