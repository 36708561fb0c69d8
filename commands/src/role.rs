//! Granting and revoking roles.

use domain::member::{RoleGranted, RoleRevoked};
use domain::{Event, MemberId, Role, Stream};

use crate::{Command, Refused, Seen, member};

#[derive(Clone, Debug)]
pub struct GrantRole {
    pub member: MemberId,
    pub role: Role,
    /// The operator; None: whoever runs the machine.
    pub by: Option<MemberId>,
}

impl Command for GrantRole {
    fn streams(&self) -> Vec<Stream> {
        streams(self.member, self.by)
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self { member, role, by } = *self;
        check_operator(seen, by)?;
        if member::standing(seen, member)?.roles.contains(&role) {
            return Ok(vec![]);
        }
        Ok(vec![RoleGranted { member, role, by }.into()])
    }
}

#[derive(Clone, Debug)]
pub struct RevokeRole {
    pub member: MemberId,
    pub role: Role,
    /// As of [`GrantRole`].
    pub by: Option<MemberId>,
}

impl Command for RevokeRole {
    fn streams(&self) -> Vec<Stream> {
        streams(self.member, self.by)
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self { member, role, by } = *self;
        check_operator(seen, by)?;
        // so that there is always one: the last could be revoked by nobody else
        if by == Some(member) && role == Role::Operator {
            return Err(Refused::OwnRole);
        }
        if !member::standing(seen, member)?.roles.contains(&role) {
            return Ok(vec![]);
        }
        Ok(vec![RoleRevoked { member, role, by }.into()])
    }
}

fn streams(member: MemberId, by: Option<MemberId>) -> Vec<Stream> {
    let by = by.filter(|by| *by != member);
    [Some(member), by]
        .into_iter()
        .flatten()
        .map(MemberId::stream)
        .collect()
}

pub(crate) fn check_operator(seen: &impl Seen, by: Option<MemberId>) -> Result<(), Refused> {
    match by {
        Some(by) if !holds(seen, by, Role::Operator) => Err(Refused::NoSuchRole),
        Some(_) | None => Ok(()),
    }
}

/// Whether the member is here and has the role.
fn holds(seen: &impl Seen, member: MemberId, role: Role) -> bool {
    member::active(seen, member).is_ok_and(|member| member.roles.contains(&role))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::*;

    const MODERATOR: Role = Role::Moderator;

    fn granted(member: MemberId, role: Role, by: Option<MemberId>) -> Event {
        RoleGranted { member, role, by }.into()
    }

    fn revoked(member: MemberId, role: Role, by: Option<MemberId>) -> Event {
        RoleRevoked { member, role, by }.into()
    }

    fn grant(member: MemberId, role: Role, by: Option<MemberId>) -> GrantRole {
        GrantRole { member, role, by }
    }

    fn revoke(member: MemberId, role: Role, by: Option<MemberId>) -> RevokeRole {
        RevokeRole { member, role, by }
    }

    /// Ann is an operator, Bob is not.
    fn ann_operates() -> History {
        given([
            signed_up(ANN).into(),
            signed_up(BOB).into(),
            granted(ANN, Role::Operator, None),
        ])
    }

    #[test]
    fn the_first_operator_is_made_at_the_machine() {
        given([signed_up(ANN).into()])
            .when(grant(ANN, Role::Operator, None))
            .then([granted(ANN, Role::Operator, None)]);
    }

    #[test]
    fn operators_grant_every_role_to_others_and_themselves() {
        for role in Role::ALL {
            ann_operates()
                .when(grant(BOB, role, Some(ANN)))
                .then([granted(BOB, role, Some(ANN))]);
        }
        ann_operates()
            .when(grant(ANN, MODERATOR, Some(ANN)))
            .then([granted(ANN, MODERATOR, Some(ANN))]);
    }

    #[test]
    fn a_role_that_is_there_is_not_granted_again() {
        ann_operates()
            .when(grant(ANN, Role::Operator, Some(ANN)))
            .then([]);
    }

    #[test]
    fn operators_revoke_roles() {
        let mut history = ann_operates();
        history.record(&[granted(BOB, Role::Operator, Some(ANN))]);
        history
            .when(revoke(BOB, Role::Operator, Some(ANN)))
            .then([revoked(BOB, Role::Operator, Some(ANN))]);
        ann_operates()
            .when(revoke(BOB, MODERATOR, Some(ANN)))
            .then([]);
    }

    #[test]
    fn an_operator_is_only_revoked_by_another_or_at_the_machine() {
        ann_operates()
            .when(revoke(ANN, Role::Operator, Some(ANN)))
            .refused(Refused::OwnRole);
        ann_operates()
            .when(revoke(ANN, Role::Operator, None))
            .then([revoked(ANN, Role::Operator, None)]);
    }

    #[test]
    fn nobody_but_operators_changes_roles() {
        let why = Refused::NoSuchRole;
        for by in [BOB, NOBODY] {
            ann_operates()
                .when(grant(ANN, MODERATOR, Some(by)))
                .refused(why);
            ann_operates()
                .when(revoke(ANN, Role::Operator, Some(by)))
                .refused(why);
        }
        for role in [Role::Moderator, Role::Auditor] {
            let mut history = ann_operates();
            history.record(&[granted(BOB, role, Some(ANN))]);
            history.when(grant(BOB, MODERATOR, Some(BOB))).refused(why);
        }
    }

    #[test]
    fn who_was_an_operator_changes_no_roles() {
        let mut history = ann_operates();
        history.record(&[
            granted(BOB, Role::Operator, Some(ANN)),
            revoked(ANN, Role::Operator, Some(BOB)),
        ]);
        history
            .when(grant(ANN, Role::Operator, Some(ANN)))
            .refused(Refused::NoSuchRole);
        let mut history = ann_operates();
        history.record(&[withdrawn(ANN).into()]);
        history
            .when(grant(BOB, Role::Operator, Some(ANN)))
            .refused(Refused::NoSuchRole);
    }

    #[test]
    fn roles_are_for_members_who_are_here() {
        ann_operates()
            .when(grant(NOBODY, MODERATOR, Some(ANN)))
            .refused(Refused::NoSuchMember);
        let mut history = ann_operates();
        history.record(&[granted(BOB, MODERATOR, None), withdrawn(BOB).into()]);
        history
            .when(grant(BOB, MODERATOR, Some(ANN)))
            .refused(Refused::NoSuchMember);
    }
}
