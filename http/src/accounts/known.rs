//! What the log says of a member who is here, opened: for their own eyes, and for letters to them.

use domain::member::Event as Happened;
use domain::{Email, Event, Language, MemberId, ReservationId};

use crate::app::App;
use crate::problem::Problem;
use crate::reading::failed;

pub struct Known {
    pub member: MemberId,
    pub name: String,
    pub email: Email,
    pub email_of: ReservationId,
    pub email_verified: bool,
    pub language: Language,
}

/// `None`: there is no such member, or not any more.
pub async fn known(app: &App, member: MemberId) -> Result<Option<Known>, Problem> {
    let stream = member.stream().to_string().into();
    let events = event_log::read_stream(&app.pool, &stream, 0, i64::MAX);
    let events = events.await.map_err(failed)?;
    if events.is_empty() {
        // their keys may be made anew
        return Ok(None);
    }
    let keys = app.keyring.fetch(member.key_ids()).await.map_err(failed)?;
    let mut known = None;
    for event in &events {
        let stored = event.stored();
        let opening = keys.opening(stored.id, stored.key_id);
        let (name, version) = (stored.event_type, stored.schema_version);
        let event = Event::from_stored(name, version, stored.payload, opening);
        let Event::Member(event) = event.map_err(Problem::internal)? else {
            return Err(Problem::internal("a stranger's event in a member's stream"));
        };
        known = learn(known, member, event);
    }
    Ok(known)
}

fn learn(known: Option<Known>, member: MemberId, event: Happened) -> Option<Known> {
    if let Happened::SignedUp(signed_up) = &event {
        return Some(Known {
            member,
            name: signed_up.name.open()?.as_str().to_owned(),
            email: signed_up.email.open()?.clone(),
            email_of: signed_up.email_reservation,
            email_verified: false,
            language: signed_up.language,
        });
    }
    let mut known = known?;
    match event {
        Happened::Renamed(renamed) => known.name = renamed.name.open()?.as_str().to_owned(),
        Happened::LanguageChosen(chosen) => known.language = chosen.language,
        Happened::EmailVerified(verified) => {
            known.email_verified |= verified.reservation == known.email_of;
        }
        Happened::EmailChanged(changed) => {
            known.email = changed.email.open()?.clone();
            known.email_of = changed.reservation;
            known.email_verified = true;
        }
        Happened::Withdrawn(_) => return None,
        Happened::SignedUp(_)
        | Happened::AboutChanged(_)
        | Happened::NameLetGo(_)
        | Happened::SecondFactorSet(_)
        | Happened::SecondFactorRemoved(_)
        | Happened::Suspended(_)
        | Happened::Reinstated(_)
        | Happened::WithdrawalAsked(_)
        | Happened::WithdrawalTakenBack(_)
        | Happened::PasswordChanged(_)
        | Happened::IdentityLinked(_)
        | Happened::IdentityUnlinked(_)
        | Happened::RoleGranted(_)
        | Happened::RoleRevoked(_) => {}
    }
    Some(known)
}
