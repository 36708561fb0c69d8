//! A second factor beside a password or an account elsewhere: codes of an authenticator app. What
//! they are computed from is in the vault; the log says that there is one.

use domain::member::{SecondFactorRemoved, SecondFactorSet};
use domain::{Event, MemberId, Stream};

use crate::member::active;
use crate::{Command, Refused, Seen};

#[derive(Clone, Copy, Debug)]
pub struct SetSecondFactor {
    pub member: MemberId,
}

impl Command for SetSecondFactor {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let member = self.member;
        if active(seen, member)?.has_second_factor {
            return Ok(vec![]);
        }
        Ok(vec![SecondFactorSet { member }.into()])
    }
}

#[derive(Clone, Copy, Debug)]
pub struct RemoveSecondFactor {
    pub member: MemberId,
}

impl Command for RemoveSecondFactor {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let member = self.member;
        if !active(seen, member)?.has_second_factor {
            return Ok(vec![]);
        }
        Ok(vec![SecondFactorRemoved { member }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::*;

    #[test]
    fn a_second_factor_is_set_and_removed() {
        let (set, removed) = (
            Event::from(SecondFactorSet { member: ANN }),
            Event::from(SecondFactorRemoved { member: ANN }),
        );
        given([signed_up(ANN).into()])
            .when(SetSecondFactor { member: ANN })
            .then([set.clone()]);
        given([signed_up(ANN).into(), set])
            .when(RemoveSecondFactor { member: ANN })
            .then([removed]);
        given([signed_up(ANN).into()])
            .when(RemoveSecondFactor { member: ANN })
            .then([]);
        given([])
            .when(SetSecondFactor { member: NOBODY })
            .refused(Refused::NoSuchMember);
    }
}
