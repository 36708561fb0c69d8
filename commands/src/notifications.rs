//! Seeing one's notifications.

use domain::notifications::{ListOf, Seen as SeenEvent};
use domain::{Event, MemberId, Stream};

use crate::{Command, Refused, Seen, member};

/// The member has seen their notifications up to a position of the log; it never goes back.
#[derive(Clone, Debug)]
pub struct SeeNotifications {
    pub member: MemberId,
    pub position: i64,
}

impl Command for SeeNotifications {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), ListOf(self.member).stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self { member, position } = *self;
        member::active(seen, member)?;
        let list = ListOf(member);
        let before = seen.notifications(list).map_or(0, |list| list.position);
        if position <= before {
            return Ok(vec![]);
        }
        Ok(vec![
            SeenEvent {
                list,
                member,
                position,
            }
            .into(),
        ])
    }
}
