//! A member: who they are to others, and whether they are still here.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event::events;
use crate::forgetting::Extent;
use crate::{
    About, Email, Fingerprint, Language, MeasureId, MemberId, MemberName, ReservationId, Role,
    Roles, Sealed,
};

events! {
    Member by member {
        SignedUp = ("member.signed_up", 1, sealed for member),
        Renamed = ("member.renamed", 1, sealed for member),
        AboutChanged = ("member.about_changed", 1, sealed for member),
        LanguageChosen = ("member.language_chosen", 1),
        EmailVerified = ("member.email_verified", 1),
        EmailChanged = ("member.email_changed", 1, sealed for member),
        NameLetGo = ("member.name_let_go", 1),
        PasswordChanged = ("member.password_changed", 1),
        IdentityLinked = ("member.identity_linked", 1),
        IdentityUnlinked = ("member.identity_unlinked", 1),
        SecondFactorSet = ("member.second_factor_set", 1),
        SecondFactorRemoved = ("member.second_factor_removed", 1),
        RoleGranted = ("member.role_granted", 1),
        RoleRevoked = ("member.role_revoked", 1),
        Suspended = ("member.suspended", 1),
        Reinstated = ("member.reinstated", 1),
        WithdrawalAsked = ("member.withdrawal_asked", 1),
        WithdrawalTakenBack = ("member.withdrawal_taken_back", 1),
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
    /// Of the name until now, which stays the member's for a while.
    pub former: ReservationId,
}

/// A former name is free for others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NameLetGo {
    pub member: MemberId,
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

/// Mail to it reaches the member: they followed a link in it, or their provider vouches for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmailVerified {
    pub member: MemberId,
    /// Of the address.
    pub reservation: ReservationId,
}

/// To one that is verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmailChanged {
    pub member: MemberId,
    pub email: Sealed<Email>,
    pub reservation: ReservationId,
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

/// From now on a password or an account elsewhere lets the member in with a code alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecondFactorSet {
    pub member: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecondFactorRemoved {
    pub member: MemberId,
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

/// By a measure: they may read, and not write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspended {
    pub member: MemberId,
    pub measure: MeasureId,
    pub until: DateTime<Utc>,
}

/// The measure was lifted, or its time was over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reinstated {
    pub member: MemberId,
    pub measure: MeasureId,
}

/// They want to leave, and have until then to change their mind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WithdrawalAsked {
    pub member: MemberId,
    pub extent: Extent,
    pub due: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WithdrawalTakenBack {
    pub member: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Withdrawn {
    pub member: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub name: Fingerprint,
    pub about: Fingerprint,
    pub language: Language,
    pub name_reservation: ReservationId,
    /// They are the member's still.
    pub former_names: BTreeSet<ReservationId>,
    pub email_reservation: ReservationId,
    pub email_verified: bool,
    pub last_password_change: Option<Uuid>,
    pub has_password: bool,
    /// Accounts elsewhere and passkeys, with whose they are.
    pub identities: BTreeMap<ReservationId, String>,
    pub has_second_factor: bool,
    pub roles: Roles,
    pub suspended: Option<MeasureId>,
    /// How far they want to be forgotten, and when.
    pub leaving: Option<(Extent, DateTime<Utc>)>,
    pub withdrawn: bool,
}

impl State {
    pub(crate) fn evolve(before: Option<Self>, event: &Event) -> Option<Self> {
        if let Event::SignedUp(signed_up) = event {
            return Some(Self::new(signed_up));
        }
        let mut member = before?;
        member.change(event);
        Some(member)
    }

    fn new(signed_up: &SignedUp) -> Self {
        Self {
            name: signed_up.name.fingerprint(),
            about: Sealed::Open(About::default()).fingerprint(),
            language: signed_up.language,
            name_reservation: signed_up.name_reservation,
            former_names: BTreeSet::new(),
            email_reservation: signed_up.email_reservation,
            email_verified: false,
            last_password_change: None,
            has_password: true,
            identities: BTreeMap::new(),
            has_second_factor: false,
            roles: Roles::new(),
            suspended: None,
            leaving: None,
            withdrawn: false,
        }
    }

    fn change(&mut self, event: &Event) {
        match event {
            Event::SignedUp(_) => unreachable!("it is the first"),
            Event::Renamed(renamed) => {
                self.name = renamed.name.fingerprint();
                self.name_reservation = renamed.reservation;
                self.former_names.insert(renamed.former);
                self.former_names.remove(&renamed.reservation);
            }
            Event::NameLetGo(let_go) => {
                self.former_names.remove(&let_go.reservation);
            }
            Event::AboutChanged(changed) => self.about = changed.about.fingerprint(),
            Event::LanguageChosen(chosen) => self.language = chosen.language,
            Event::EmailVerified(verified) => {
                self.email_verified |= self.email_reservation == verified.reservation;
            }
            Event::EmailChanged(changed) => {
                self.email_reservation = changed.reservation;
                self.email_verified = true;
            }
            Event::PasswordChanged(changed) => {
                self.last_password_change = Some(changed.change);
                self.has_password = true;
            }
            Event::IdentityLinked(linked) => {
                let provider = linked.provider.clone();
                self.identities.insert(linked.identity, provider);
                self.has_password &= !linked.instead_of_password;
            }
            Event::IdentityUnlinked(unlinked) => {
                self.identities.remove(&unlinked.identity);
            }
            Event::RoleGranted(granted) => {
                self.roles.insert(granted.role);
            }
            Event::RoleRevoked(revoked) => {
                self.roles.remove(&revoked.role);
            }
            Event::SecondFactorSet(_) => self.has_second_factor = true,
            Event::SecondFactorRemoved(_) => self.has_second_factor = false,
            Event::Suspended(suspended) => self.suspended = Some(suspended.measure),
            Event::Reinstated(_) => self.suspended = None,
            Event::WithdrawalAsked(asked) => self.leaving = Some((asked.extent, asked.due)),
            Event::WithdrawalTakenBack(_) => self.leaving = None,
            Event::Withdrawn(_) => {
                self.roles = Roles::new();
                self.withdrawn = true;
            }
        }
    }
}
