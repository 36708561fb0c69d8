//! Members, as others see them.

use chrono::{DateTime, Utc};
use domain::{Event, Roles, Sealed, forgetting, member};
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

table! {
    /// A member, or one that was.
    pub struct Member in members {
        key { member: Uuid }
        /// `None`: a former member.
        name: Option<String>,
        about: String,
        /// `ko` or `en`.
        language: String,
        joined_at: DateTime<Utc>,
        withdrawn: bool,
        name_reservation: Uuid,
        email_reservation: Uuid,
        roles: Json<Roles>,
        /// They may not write until then.
        suspended_until: Option<DateTime<Utc>>,
    }
}

impl ReadModel for Member {
    fn apply(happened: &Happened, members: &mut Changes<Member>) {
        match &happened.event {
            Event::Member(event) => apply_member(happened, event, members),
            Event::Forgetting(forgetting::Event::Forgotten(forgotten)) => {
                members.patch((forgotten.member.0,), forget);
            }
            Event::Review(_)
            | Event::Film(_)
            | Event::Reservation(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => {}
        }
    }
}

fn apply_member(happened: &Happened, event: &member::Event, members: &mut Changes<Member>) {
    match event.clone() {
        member::Event::SignedUp(signed_up) => members.put(Member {
            member: signed_up.member.0,
            name: name(&signed_up.name),
            about: String::new(),
            language: signed_up.language.code().to_owned(),
            joined_at: happened.at,
            withdrawn: false,
            name_reservation: signed_up.name_reservation.0,
            email_reservation: signed_up.email_reservation.0,
            roles: Json(Roles::new()),
            suspended_until: None,
        }),
        member::Event::Renamed(renamed) => {
            members.patch((renamed.member.0,), move |member| {
                member.name = name(&renamed.name);
                member.name_reservation = renamed.reservation.0;
            });
        }
        member::Event::AboutChanged(changed) => {
            members.patch((changed.member.0,), move |member| {
                let about = changed.about.open().map(domain::About::as_str);
                member.about = about.unwrap_or_default().to_owned();
            });
        }
        member::Event::LanguageChosen(chosen) => {
            members.patch((chosen.member.0,), move |member| {
                member.language = chosen.language.code().to_owned();
            });
        }
        member::Event::EmailChanged(changed) => {
            members.patch((changed.member.0,), move |member| {
                member.email_reservation = changed.reservation.0;
            });
        }
        member::Event::EmailVerified(_)
        | member::Event::NameLetGo(_)
        | member::Event::WithdrawalAsked(_)
        | member::Event::WithdrawalTakenBack(_)
        | member::Event::PasswordChanged(_)
        | member::Event::IdentityLinked(_)
        | member::Event::IdentityUnlinked(_)
        | member::Event::SecondFactorSet(_)
        | member::Event::SecondFactorRemoved(_) => {}
        member::Event::RoleGranted(granted) => {
            members.patch((granted.member.0,), move |member| {
                member.roles.insert(granted.role);
            });
        }
        member::Event::RoleRevoked(revoked) => {
            members.patch((revoked.member.0,), move |member| {
                member.roles.remove(&revoked.role);
            });
        }
        member::Event::Suspended(suspended) => {
            suspend(members, suspended.member.0, Some(suspended.until));
        }
        member::Event::Reinstated(reinstated) => suspend(members, reinstated.member.0, None),
        member::Event::Withdrawn(withdrawn) => {
            members.patch((withdrawn.member.0,), |member| {
                forget(member);
                member.roles.clear();
                member.withdrawn = true;
            });
        }
    }
}

fn suspend(members: &mut Changes<Member>, member: Uuid, until: Option<DateTime<Utc>>) {
    members.patch((member,), move |member| member.suspended_until = until);
}

fn forget(member: &mut Member) {
    member.name = None;
    member.about = String::new();
}

fn name(name: &Sealed<domain::MemberName>) -> Option<String> {
    name.open().map(|name| name.as_str().to_owned())
}

pub async fn by_id(connection: &mut PgConnection, member: Uuid) -> sqlx::Result<Option<Member>> {
    sqlx::query_as("select * from members where member = $1")
        .bind(member)
        .fetch_optional(connection)
        .await
}

/// Who has the name that is reserved so.
pub async fn by_name(
    connection: &mut PgConnection,
    name_reservation: Uuid,
) -> sqlx::Result<Option<Member>> {
    sqlx::query_as("select * from members where name_reservation = $1 and not withdrawn")
        .bind(name_reservation)
        .fetch_optional(connection)
        .await
}

/// Who has which of the names that are reserved so: reservation and member.
pub async fn by_names(
    connection: &mut PgConnection,
    name_reservations: &[Uuid],
) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
    sqlx::query_as(
        "select name_reservation, member from members
         where name_reservation = any($1) and not withdrawn",
    )
    .bind(name_reservations)
    .fetch_all(connection)
    .await
}

/// The names of some members; `None`: former ones.
pub async fn names(
    connection: &mut PgConnection,
    members: &[Uuid],
) -> sqlx::Result<Vec<(Uuid, Option<String>)>> {
    sqlx::query_as("select member, name from members where member = any($1)")
        .bind(members)
        .fetch_all(connection)
        .await
}

/// Everybody with a role, by name: at most this many.
pub async fn with_roles(connection: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<Member>> {
    sqlx::query_as("select * from members where roles <> '[]' order by name, member limit $1")
        .bind(limit)
        .fetch_all(connection)
        .await
}

#[cfg(test)]
mod tests {
    use domain::Role;

    use super::*;
    use crate::given::*;

    #[test]
    fn a_member_is_known_by_their_newest_name() {
        let renamed = member::Renamed {
            member: ANN,
            name: domain::MemberName::new("Anna").unwrap().into(),
            reservation: domain::ReservationId(Uuid::from_u128(3)),
            former: domain::ReservationId(Uuid::from_u128(4)),
        };
        let rows: Vec<Member> = given(vec![signed_up(), renamed.into()]);
        assert_eq!(rows[0].name.as_deref(), Some("Anna"));
        assert_eq!(rows[0].name_reservation, Uuid::from_u128(3));
        assert_eq!(
            (rows[0].joined_at, rows[0].language.as_str()),
            (at(1), "ko")
        );
    }

    #[test]
    fn roles_come_and_go_and_end_with_the_membership() {
        let granted = |role| -> Event {
            member::RoleGranted {
                member: ANN,
                role,
                by: None,
            }
            .into()
        };
        let revoked = member::RoleRevoked {
            member: ANN,
            role: Role::Moderator,
            by: Some(BOB),
        };
        let mut events = vec![
            signed_up(),
            granted(Role::Operator),
            granted(Role::Moderator),
            revoked.into(),
        ];
        let rows: Vec<Member> = given(events.clone());
        assert_eq!(*rows[0].roles, Roles::from([Role::Operator]));
        events.push(member::Withdrawn { member: ANN }.into());
        let rows: Vec<Member> = given(events);
        assert!(rows[0].roles.is_empty());
    }

    #[test]
    fn a_former_member_has_no_name() {
        let rows: Vec<Member> = given(vec![signed_up(), member::Withdrawn { member: ANN }.into()]);
        assert_eq!((rows[0].name.as_deref(), rows[0].withdrawn), (None, true));
    }
}
