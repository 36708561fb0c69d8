//! A member: who they are to others, and whether they are still here.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event::events;
use crate::{
    About, Email, Fingerprint, Language, MemberId, MemberName, ReservationId, Role, Roles, Sealed,
};

events! {
    Member by member {
        SignedUp = ("member.signed_up", 1, sealed for member),
        Renamed = ("member.renamed", 1, sealed for member),
        AboutChanged = ("member.about_changed", 1, sealed for member),
        LanguageChosen = ("member.language_chosen", 1),
        PasswordChanged = ("member.password_changed", 1),
        IdentityLinked = ("member.identity_linked", 1),
        IdentityUnlinked = ("member.identity_unlinked", 1),
        RoleGranted = ("member.role_granted", 1),
        RoleRevoked = ("member.role_revoked", 1),
        Withdrawn = ("member.withdrawn", 1),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignedUp {
    pub member: MemberId,
    pub name: Sealed<MemberName>,
    pub email: Sealed<Email>,
    pub language: Language,
    pub name_reservation: ReservationId,
    pub email_reservation: ReservationId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Renamed {
    pub member: MemberId,
    pub name: Sealed<MemberName>,
    pub reservation: ReservationId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AboutChanged {
    pub member: MemberId,
    pub about: Sealed<About>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LanguageChosen {
    pub member: MemberId,
    pub language: Language,
}

/// That it changed, not to what: passwords never enter the log, not even hashed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PasswordChanged {
    pub member: MemberId,
    /// A number for the change itself, by which a repeated one is known.
    pub change: Uuid,
}

/// From now on the member may sign in with their account at a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdentityLinked {
    pub member: MemberId,
    /// The provider's name in URLs.
    pub provider: String,
    /// Of the provider and whom it knows; neither text nor a plain hash of them.
    pub identity: ReservationId,
    /// They signed up with it, and have no password.
    pub instead_of_password: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdentityUnlinked {
    pub member: MemberId,
    pub provider: String,
    pub identity: ReservationId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoleGranted {
    pub member: MemberId,
    pub role: Role,
    /// The operator; None: whoever runs the machine, on its command line.
    pub by: Option<MemberId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoleRevoked {
    pub member: MemberId,
    pub role: Role,
    /// As of [`RoleGranted`].
    pub by: Option<MemberId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Withdrawn {
    pub member: MemberId,
}

#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub name: Fingerprint,
    pub about: Fingerprint,
    pub language: Language,
    pub name_reservation: ReservationId,
    pub email_reservation: ReservationId,
    pub last_password_change: Option<Uuid>,
    pub has_password: bool,
    pub identities: BTreeSet<ReservationId>,
    pub roles: Roles,
    pub withdrawn: bool,
}

impl State {
    pub(crate) fn evolve(before: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::SignedUp(signed_up) => Some(Self {
                name: signed_up.name.fingerprint(),
                about: Sealed::Open(About::default()).fingerprint(),
                language: signed_up.language,
                name_reservation: signed_up.name_reservation,
                email_reservation: signed_up.email_reservation,
                last_password_change: None,
                has_password: true,
                identities: BTreeSet::new(),
                roles: Roles::new(),
                withdrawn: false,
            }),
            Event::Renamed(renamed) => before.map(|member| Self {
                name: renamed.name.fingerprint(),
                name_reservation: renamed.reservation,
                ..member
            }),
            Event::AboutChanged(changed) => before.map(|member| Self {
                about: changed.about.fingerprint(),
                ..member
            }),
            Event::LanguageChosen(chosen) => before.map(|member| Self {
                language: chosen.language,
                ..member
            }),
            Event::PasswordChanged(changed) => before.map(|member| Self {
                last_password_change: Some(changed.change),
                has_password: true,
                ..member
            }),
            Event::IdentityLinked(linked) => before.map(|mut member| {
                member.identities.insert(linked.identity);
                member.has_password &= !linked.instead_of_password;
                member
            }),
            Event::IdentityUnlinked(unlinked) => before.map(|mut member| {
                member.identities.remove(&unlinked.identity);
                member
            }),
            Event::RoleGranted(granted) => before.map(|mut member| {
                member.roles.insert(granted.role);
                member
            }),
            Event::RoleRevoked(revoked) => before.map(|mut member| {
                member.roles.remove(&revoked.role);
                member
            }),
            Event::Withdrawn(_) => before.map(|member| Self {
                roles: Roles::new(),
                withdrawn: true,
                ..member
            }),
        }
    }
}
