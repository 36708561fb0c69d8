//! Following a member.

use domain::follow::{Followed, Unfollowed};
use domain::{Event, FollowId, MemberId, Stream};

use crate::{Command, Refused, Seen, member};

#[derive(Clone, Debug)]
pub struct Follow {
    pub member: MemberId,
    pub followed: MemberId,
}

impl Command for Follow {
    fn streams(&self) -> Vec<Stream> {
        streams(self.member, self.followed)
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self { member, followed } = *self;
        member::may_write(seen, member)?;
        if followed == member {
            return Err(Refused::Oneself);
        }
        member::standing(seen, followed)?;
        let follow = FollowId::of(member, followed);
        let before = seen.follow(follow);
        if before.is_some_and(|follow| follow.standing) {
            return Ok(vec![]);
        }
        Ok(vec![
            Followed {
                follow,
                member,
                followed,
                again: before.is_some(),
            }
            .into(),
        ])
    }
}

#[derive(Clone, Debug)]
pub struct Unfollow {
    pub member: MemberId,
    pub followed: MemberId,
}

impl Command for Unfollow {
    fn streams(&self) -> Vec<Stream> {
        streams(self.member, self.followed)
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self { member, followed } = *self;
        member::active(seen, member)?;
        member::standing(seen, followed)?;
        let follow = FollowId::of(member, followed);
        if seen.follow(follow).is_none_or(|follow| !follow.standing) {
            return Ok(vec![]);
        }
        Ok(vec![
            Unfollowed {
                follow,
                member,
                followed,
            }
            .into(),
        ])
    }
}

/// Each once, also of who asks for themselves.
fn streams(member: MemberId, followed: MemberId) -> Vec<Stream> {
    let mut streams = vec![member.stream(), FollowId::of(member, followed).stream()];
    if followed != member {
        streams.push(followed.stream());
    }
    streams
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::*;

    fn follow(member: MemberId, followed: MemberId) -> Follow {
        Follow { member, followed }
    }

    fn unfollow(member: MemberId, followed: MemberId) -> Unfollow {
        Unfollow { member, followed }
    }

    fn followed() -> Followed {
        Followed {
            follow: FollowId::of(BOB, ANN),
            member: BOB,
            followed: ANN,
            again: false,
        }
    }

    fn unfollowed() -> Unfollowed {
        Unfollowed {
            follow: FollowId::of(BOB, ANN),
            member: BOB,
            followed: ANN,
        }
    }

    fn both() -> [Event; 2] {
        [signed_up(ANN).into(), signed_up(BOB).into()]
    }

    #[test]
    fn a_member_follows_another() {
        given(both())
            .when(follow(BOB, ANN))
            .then([followed().into()]);
    }

    #[test]
    fn following_goes_one_way() {
        let [ann, bob] = both();
        let back = Followed {
            follow: FollowId::of(ANN, BOB),
            member: ANN,
            followed: BOB,
            again: false,
        };
        assert_ne!(back.follow, followed().follow);
        given([ann, bob, followed().into()])
            .when(follow(ANN, BOB))
            .then([back.into()]);
    }

    #[test]
    fn nobody_follows_themselves() {
        given(both())
            .when(follow(ANN, ANN))
            .refused(Refused::Oneself);
        given(both()).when(unfollow(ANN, ANN)).then([]);
    }

    #[test]
    fn whoever_is_followed_can_be_left_and_followed_again() {
        let [ann, bob] = both();
        let left = || {
            given([
                ann.clone(),
                bob.clone(),
                followed().into(),
                unfollowed().into(),
            ])
        };
        given([ann.clone(), bob.clone(), followed().into()])
            .when(unfollow(BOB, ANN))
            .then([unfollowed().into()]);
        left().when(unfollow(BOB, ANN)).then([]);
        left().when(follow(BOB, ANN)).then([Followed {
            again: true,
            ..followed()
        }
        .into()]);
    }

    #[test]
    fn who_is_not_followed_is_not_left() {
        given(both()).when(unfollow(BOB, ANN)).then([]);
    }

    #[test]
    fn only_members_follow_and_are_followed() {
        let why = Refused::NoSuchMember;
        given(both()).when(follow(NOBODY, ANN)).refused(why);
        given(both()).when(follow(ANN, NOBODY)).refused(why);
        given(both()).when(unfollow(ANN, NOBODY)).refused(why);
        let [ann, bob] = both();
        let gone = || {
            given([
                ann.clone(),
                bob.clone(),
                followed().into(),
                withdrawn(BOB).into(),
            ])
        };
        gone().when(follow(BOB, ANN)).refused(Refused::Withdrawn);
        gone().when(unfollow(BOB, ANN)).refused(Refused::Withdrawn);
        gone().when(follow(ANN, BOB)).refused(why);
    }
}
