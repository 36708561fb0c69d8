//! Reading what members did and wrote, as an auditor: nothing is shown before it is recorded.

use std::collections::BTreeSet;

use domain::audit::{Asked, AuditBy, Read};
use domain::{Event, MemberId, Role, Stream};
use uuid::Uuid;

use crate::{Command, Refused, Seen, member};

/// An auditor is about to be shown these events.
#[derive(Clone, Debug)]
pub struct ReadAudit {
    pub auditor: MemberId,
    /// A number for the reading itself.
    pub read: Uuid,
    pub asked: Asked,
    /// The positions of the first and the last event.
    pub events: (i64, i64),
    pub members: BTreeSet<MemberId>,
}

impl Command for ReadAudit {
    fn streams(&self) -> Vec<Stream> {
        vec![self.auditor.stream(), AuditBy(self.auditor).stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let auditor = member::active(seen, self.auditor)?;
        if !auditor.roles.contains(&Role::Auditor) {
            return Err(Refused::NoSuchRole);
        }
        let audit = AuditBy(self.auditor);
        if seen
            .audit(audit)
            .is_some_and(|audit| audit.last == self.read)
        {
            return Ok(vec![]);
        }
        let (first, last) = self.events;
        Ok(vec![
            Read {
                audit,
                read: self.read,
                asked: self.asked.clone(),
                first,
                last,
                members: self.members.clone(),
            }
            .into(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use domain::member::{RoleGranted, RoleRevoked};

    use super::*;
    use crate::harness::*;

    fn reading() -> ReadAudit {
        ReadAudit {
            auditor: ANN,
            read: Uuid::from_u128(7),
            asked: Asked {
                member: Some(BOB.0),
                ..Asked::default()
            },
            events: (3, 9),
            members: BTreeSet::from([BOB]),
        }
    }

    fn granted() -> Event {
        RoleGranted {
            member: ANN,
            role: Role::Auditor,
            by: None,
        }
        .into()
    }

    #[test]
    fn what_an_auditor_reads_is_recorded_with_whom_it_concerns() {
        let read = Read {
            audit: AuditBy(ANN),
            read: Uuid::from_u128(7),
            asked: reading().asked,
            first: 3,
            last: 9,
            members: BTreeSet::from([BOB]),
        };
        given([signed_up(ANN).into(), granted()])
            .when(reading())
            .then([read.into()]);
    }

    #[test]
    fn to_everybody_else_there_is_nothing_to_read() {
        given([signed_up(ANN).into()])
            .when(reading())
            .refused(Refused::NoSuchRole);
        let revoked = RoleRevoked {
            member: ANN,
            role: Role::Auditor,
            by: None,
        };
        given([signed_up(ANN).into(), granted(), revoked.into()])
            .when(reading())
            .refused(Refused::NoSuchRole);
    }
}
