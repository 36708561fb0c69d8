//! A member's address: it is verified by a link that is mailed there, and so is another one before
//! it takes its place.

use domain::member::{EmailChanged, EmailVerified};
use domain::reservation::Kind;
use domain::{Email, Event, MemberId, ReservationId, Stream};

use crate::member::{active, is_held, released, reserved};
use crate::{Command, Refused, Seen};

/// Somebody followed the link that was mailed there.
#[derive(Clone, Debug)]
pub struct VerifyEmail {
    pub member: MemberId,
    /// Of the address that the link was mailed to.
    pub reservation: ReservationId,
}

impl Command for VerifyEmail {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self {
            member,
            reservation,
        } = *self;
        let state = active(seen, member)?;
        if state.email_reservation != reservation {
            return Err(Refused::Outdated);
        }
        if state.email_verified {
            return Ok(vec![]);
        }
        Ok(vec![
            EmailVerified {
                member,
                reservation,
            }
            .into(),
        ])
    }
}

/// Asked with the link that was mailed to the new address.
#[derive(Clone, Debug)]
pub struct ChangeEmail {
    pub member: MemberId,
    pub email: Email,
    /// Of the new address.
    pub reservation: ReservationId,
    /// The one that the member holds until now: it is let go.
    pub former: ReservationId,
}

impl Command for ChangeEmail {
    fn streams(&self) -> Vec<Stream> {
        let mut streams = vec![self.member.stream(), self.reservation.stream()];
        if self.former != self.reservation {
            streams.push(self.former.stream());
        }
        streams
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let member = active(seen, self.member)?;
        if member.email_reservation == self.reservation {
            return Ok(vec![]);
        }
        if member.email_reservation != self.former {
            return Err(Refused::Outdated);
        }
        if is_held(seen, self.reservation) {
            return Err(Refused::EmailTaken);
        }
        Ok(vec![
            reserved(self.reservation, Kind::Email, self.member),
            EmailChanged {
                member: self.member,
                email: self.email.clone().into(),
                reservation: self.reservation,
            }
            .into(),
            released(self.former, self.member),
        ])
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::harness::*;

    fn signs_up(member: MemberId) -> [Event; 2] {
        let address = reserved(email_of(member), Kind::Email, member);
        [address, signed_up(member).into()]
    }

    fn both_sign_up() -> [Event; 4] {
        let ([a, b], [c, d]) = (signs_up(ANN), signs_up(BOB));
        [a, b, c, d]
    }

    #[test]
    fn an_address_is_verified_once_and_only_the_present_one() {
        let verify = |reservation| VerifyEmail {
            member: ANN,
            reservation,
        };
        let verified = || EmailVerified {
            member: ANN,
            reservation: email_of(ANN),
        };
        given([signed_up(ANN).into()])
            .when(verify(email_of(ANN)))
            .then([verified().into()]);
        given([signed_up(ANN).into()])
            .when(verify(email_of(BOB)))
            .refused(Refused::Outdated);
    }

    const ANNS_NEW_EMAIL: ReservationId = ReservationId(Uuid::from_u128(0xAB));

    fn change_email() -> ChangeEmail {
        ChangeEmail {
            member: ANN,
            email: Email::new("anna@example.org").unwrap(),
            reservation: ANNS_NEW_EMAIL,
            former: email_of(ANN),
        }
    }

    #[test]
    fn a_new_address_is_reserved_and_the_former_one_let_go() {
        given(signs_up(ANN)).when(change_email()).then([
            reserved(ANNS_NEW_EMAIL, Kind::Email, ANN),
            EmailChanged {
                member: ANN,
                email: change_email().email.into(),
                reservation: ANNS_NEW_EMAIL,
            }
            .into(),
            released(email_of(ANN), ANN),
        ]);
    }

    #[test]
    fn an_address_of_another_member_is_refused() {
        let reservation = email_of(BOB);
        given(both_sign_up())
            .when(ChangeEmail {
                reservation,
                ..change_email()
            })
            .refused(Refused::EmailTaken);
    }

    #[test]
    fn only_the_address_that_one_holds_is_let_go() {
        let former = email_of(BOB);
        given(both_sign_up())
            .when(ChangeEmail {
                former,
                ..change_email()
            })
            .refused(Refused::Outdated);
    }
}
