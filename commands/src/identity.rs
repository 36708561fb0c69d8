//! Signing in with an account at a provider: Google, Naver, whatever was configured.

use domain::member::{EmailVerified, IdentityLinked, IdentityUnlinked};
use domain::reservation::Kind;
use domain::{Event, MemberId, ReservationId, Stream};

use crate::member::{SignUp, active, is_held, released, reserved};
use crate::{Command, Refused, Seen};

/// Linked accounts of one member; more are refused.
pub const MOST_IDENTITIES: usize = 10;

/// An account at a provider: the provider's name, and the digest of both.
#[derive(Clone, Debug)]
pub struct Identity {
    pub provider: String,
    pub reservation: ReservationId,
}

/// Becoming a member without a password.
#[derive(Clone, Debug)]
pub struct SignUpWith {
    pub identity: Identity,
    pub sign_up: SignUp,
    /// The provider says that the address is theirs.
    pub is_vouched: bool,
}

impl Command for SignUpWith {
    fn streams(&self) -> Vec<Stream> {
        let mut streams = self.sign_up.streams();
        streams.push(self.identity.reservation.stream());
        streams
    }

    fn introduces(&self) -> Option<MemberId> {
        self.sign_up.introduces()
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let mut events = self.sign_up.decide(seen)?;
        if events.is_empty() {
            return Ok(events);
        }
        if is_held(seen, self.identity.reservation) {
            return Err(Refused::IdentityTaken);
        }
        events.extend(linked(self.sign_up.member, &self.identity, true));
        if self.is_vouched {
            let verified = EmailVerified {
                member: self.sign_up.member,
                reservation: self.sign_up.email_reservation,
            };
            events.push(verified.into());
        }
        Ok(events)
    }
}

/// One more way in.
#[derive(Clone, Debug)]
pub struct Link {
    pub member: MemberId,
    pub identity: Identity,
}

impl Command for Link {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.identity.reservation.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let member = active(seen, self.member)?;
        if member.identities.contains_key(&self.identity.reservation) {
            return Ok(vec![]);
        }
        if is_held(seen, self.identity.reservation) {
            return Err(Refused::IdentityTaken);
        }
        if member.identities.len() >= MOST_IDENTITIES {
            return Err(Refused::TooManyIdentities);
        }
        Ok(linked(self.member, &self.identity, false).into())
    }
}

/// One way in less; the last one stays.
#[derive(Clone, Debug)]
pub struct Unlink {
    pub member: MemberId,
    pub identity: ReservationId,
    /// For who chooses a password in the same breath.
    pub even_the_last: bool,
}

impl Command for Unlink {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.identity.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let member = active(seen, self.member)?;
        let identity = self.identity;
        let Some(provider) = member.identities.get(&identity) else {
            return Ok(vec![]);
        };
        let is_last = member.identities.len() == 1 && !member.has_password;
        if is_last && !self.even_the_last {
            return Err(Refused::LastWayIn);
        }
        let unlinked = IdentityUnlinked {
            member: self.member,
            provider: provider.clone(),
            identity,
        };
        Ok(vec![unlinked.into(), released(identity, self.member)])
    }
}

/// The account of a former member can be used again, perhaps by the same person.
#[derive(Clone, Debug)]
pub struct LetGo {
    pub member: MemberId,
    pub identity: ReservationId,
}

impl Command for LetGo {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.identity.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let member = seen.member(self.member).ok_or(Refused::NoSuchMember)?;
        let holder = seen.reservation(self.identity);
        let is_theirs = holder.is_some_and(|held| held.holder == Some(self.member));
        if !member.withdrawn || !is_theirs {
            return Ok(vec![]);
        }
        Ok(vec![released(self.identity, self.member)])
    }
}

fn linked(member: MemberId, identity: &Identity, instead_of_password: bool) -> [Event; 2] {
    let linked = IdentityLinked {
        member,
        provider: identity.provider.clone(),
        identity: identity.reservation,
        instead_of_password,
    };
    [
        reserved(identity.reservation, Kind::Identity, member),
        linked.into(),
    ]
}

#[cfg(test)]
mod tests {
    use domain::member::PasswordChanged;
    use domain::{Language, MemberName};
    use uuid::Uuid;

    use super::*;
    use crate::harness::*;

    fn identity(number: u128) -> Identity {
        Identity {
            provider: "naver".to_owned(),
            reservation: ReservationId(Uuid::from_u128(0x1D00 + number)),
        }
    }

    fn link(member: MemberId, number: u128) -> Link {
        let identity = identity(number);
        Link { member, identity }
    }

    fn unlink(number: u128) -> Unlink {
        Unlink {
            member: ANN,
            identity: identity(number).reservation,
            even_the_last: false,
        }
    }

    fn unlinked(number: u128) -> [Event; 2] {
        let identity = identity(number);
        let unlinked = IdentityUnlinked {
            member: ANN,
            provider: identity.provider,
            identity: identity.reservation,
        };
        [unlinked.into(), released(identity.reservation, ANN)]
    }

    fn history(events: impl IntoIterator<Item = Event>) -> History {
        let mut history = given([signed_up(ANN).into(), signed_up(BOB).into()]);
        history.record(&events.into_iter().collect::<Vec<_>>());
        history
    }

    fn sign_up_with() -> SignUpWith {
        SignUpWith {
            identity: identity(1),
            sign_up: SignUp {
                member: ANN,
                name: MemberName::new("Ann").unwrap(),
                email: email(ANN),
                language: Language::Ko,
                name_reservation: name_of(ANN),
                email_reservation: email_of(ANN),
            },
            is_vouched: true,
        }
    }

    #[test]
    fn a_sign_up_with_a_provider_reserves_the_account_there_too() {
        let [held, linked] = linked(ANN, &identity(1), true);
        given([]).when(sign_up_with()).then([
            reserved(name_of(ANN), Kind::Name, ANN),
            reserved(email_of(ANN), Kind::Email, ANN),
            signed_up(ANN).into(),
            held,
            linked,
            EmailVerified {
                member: ANN,
                reservation: email_of(ANN),
            }
            .into(),
        ]);
    }

    #[test]
    fn an_account_at_a_provider_belongs_to_one_member() {
        given([reserved(identity(1).reservation, Kind::Identity, BOB)])
            .when(sign_up_with())
            .refused(Refused::IdentityTaken);
        history(linked(BOB, &identity(1), false))
            .when(link(ANN, 1))
            .refused(Refused::IdentityTaken);
    }

    #[test]
    fn a_member_links_accounts_up_to_a_bound() {
        history([])
            .when(link(ANN, 1))
            .then(linked(ANN, &identity(1), false));
        let many = (0..10).flat_map(|number| linked(ANN, &identity(number), false));
        history(many)
            .when(link(ANN, 10))
            .refused(Refused::TooManyIdentities);
    }

    #[test]
    fn who_has_a_password_unlinks_every_account() {
        history(linked(ANN, &identity(1), false))
            .when(unlink(1))
            .then(unlinked(1));
    }

    #[test]
    fn the_last_way_in_stays() {
        let first = || linked(ANN, &identity(1), true);
        let second = || linked(ANN, &identity(2), false);
        history(first()).when(unlink(1)).refused(Refused::LastWayIn);
        history(first().into_iter().chain(second()))
            .when(unlink(1))
            .then(unlinked(1));
        history(first().into_iter().chain(second()).chain(unlinked(1)))
            .when(unlink(2))
            .refused(Refused::LastWayIn);
        // whoever takes the account back chooses a password
        let even_the_last = Unlink {
            even_the_last: true,
            ..unlink(1)
        };
        history(first()).when(even_the_last).then(unlinked(1));
        let password = PasswordChanged {
            member: ANN,
            change: Uuid::from_u128(1),
        };
        history(first().into_iter().chain([password.into()]))
            .when(unlink(1))
            .then(unlinked(1));
    }

    #[test]
    fn the_account_of_a_former_member_is_let_go() {
        let let_go = || LetGo {
            member: ANN,
            identity: identity(1).reservation,
        };
        let linked = || linked(ANN, &identity(1), false);
        history(linked()).when(let_go()).then([]);
        history(linked().into_iter().chain([withdrawn(ANN).into()]))
            .when(let_go())
            .then([released(identity(1).reservation, ANN)]);
    }

    #[test]
    fn only_members_link_and_unlink() {
        let gone = || history([withdrawn(ANN).into()]);
        gone().when(link(ANN, 1)).refused(Refused::Withdrawn);
        gone().when(unlink(1)).refused(Refused::Withdrawn);
        history([])
            .when(link(NOBODY, 1))
            .refused(Refused::NoSuchMember);
    }
}
