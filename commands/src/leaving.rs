//! Leaving with time to change one's mind: asked for, taken back by signing in, or carried out when
//! the time is over.

use chrono::{DateTime, TimeDelta, Utc};
use domain::forgetting::Extent;
use domain::member::{WithdrawalAsked, WithdrawalTakenBack};
use domain::{Event, MemberId, Stream};

use crate::member::{Withdraw, active};
use crate::{Command, Refused, Seen};

/// Asked again with the same extent, the time stays.
#[derive(Clone, Debug)]
pub struct AskWithdrawal {
    pub member: MemberId,
    pub extent: Extent,
    pub grace: TimeDelta,
    pub at: DateTime<Utc>,
}

impl Command for AskWithdrawal {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self {
            member,
            extent,
            grace,
            at,
        } = *self;
        let leaving = active(seen, member)?.leaving;
        if leaving.is_some_and(|(asked, _)| asked == extent) {
            return Ok(vec![]);
        }
        let due = at + grace;
        Ok(vec![
            WithdrawalAsked {
                member,
                extent,
                due,
            }
            .into(),
        ])
    }
}

#[derive(Clone, Debug)]
pub struct TakeBackWithdrawal {
    pub member: MemberId,
}

impl Command for TakeBackWithdrawal {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let member = self.member;
        if active(seen, member)?.leaving.is_none() {
            return Ok(vec![]);
        }
        Ok(vec![WithdrawalTakenBack { member }.into()])
    }
}

/// Asked when the time is over.
#[derive(Clone, Debug)]
pub struct CarryOutWithdrawal {
    pub withdraw: Withdraw,
    pub at: DateTime<Utc>,
}

impl Command for CarryOutWithdrawal {
    fn streams(&self) -> Vec<Stream> {
        self.withdraw.streams()
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Withdraw { member, extent, .. } = self.withdraw;
        let state = seen.member(member).ok_or(Refused::NoSuchMember)?;
        let is_due = state
            .leaving
            .is_some_and(|(asked, due)| asked == extent && due <= self.at);
        // changed their mind, or not yet
        if !is_due && !state.withdrawn {
            return Err(Refused::Outdated);
        }
        self.withdraw.decide(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::*;
    use crate::member::released;

    const GRACE: TimeDelta = TimeDelta::days(7);

    fn noon() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(12)
    }

    fn asked(extent: Extent) -> Event {
        WithdrawalAsked {
            member: ANN,
            extent,
            due: noon() + GRACE,
        }
        .into()
    }

    fn ask(extent: Extent) -> AskWithdrawal {
        AskWithdrawal {
            member: ANN,
            extent,
            grace: GRACE,
            at: noon(),
        }
    }

    fn taken_back() -> Event {
        WithdrawalTakenBack { member: ANN }.into()
    }

    fn carry_out(at: DateTime<Utc>) -> CarryOutWithdrawal {
        let withdraw = Withdraw {
            member: ANN,
            extent: Extent::Identity,
            name_reservation: name_of(ANN),
            email_reservation: email_of(ANN),
        };
        CarryOutWithdrawal { withdraw, at }
    }

    #[test]
    fn who_asks_to_leave_has_time_to_change_their_mind() {
        given([signed_up(ANN).into()])
            .when(ask(Extent::Identity))
            .then([asked(Extent::Identity)]);
        given([signed_up(ANN).into(), asked(Extent::Identity)])
            .when(ask(Extent::Everything))
            .then([asked(Extent::Everything)]);
        given([signed_up(ANN).into(), asked(Extent::Identity)])
            .when(TakeBackWithdrawal { member: ANN })
            .then([taken_back()]);
        given([signed_up(ANN).into()])
            .when(TakeBackWithdrawal { member: ANN })
            .then([]);
    }

    #[test]
    fn it_is_carried_out_when_the_time_is_over_and_not_before() {
        let leaving = || given([signed_up(ANN).into(), asked(Extent::Identity)]);
        let almost = noon() + GRACE - TimeDelta::seconds(1);
        leaving().when(carry_out(almost)).refused(Refused::Outdated);
        let forgotten = domain::forgetting::Forgotten {
            forgetting: domain::ForgettingId::of(ANN),
            member: ANN,
            extent: Extent::Identity,
        };
        leaving().when(carry_out(noon() + GRACE)).then([
            withdrawn(ANN).into(),
            released(name_of(ANN), ANN),
            released(email_of(ANN), ANN),
            forgotten.into(),
        ]);
    }

    #[test]
    fn what_was_taken_back_or_chosen_otherwise_is_not_carried_out() {
        let late = noon() + GRACE * 2;
        given([signed_up(ANN).into(), asked(Extent::Identity), taken_back()])
            .when(carry_out(late))
            .refused(Refused::Outdated);
        given([signed_up(ANN).into(), asked(Extent::Everything)])
            .when(carry_out(late))
            .refused(Refused::Outdated);
        given([signed_up(ANN).into()])
            .when(carry_out(late))
            .refused(Refused::Outdated);
    }
}
