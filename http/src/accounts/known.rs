//! What the log says of a member who is here, opened: for their own eyes, and for letters to them.

use domain::member::Event as Happened;
use domain::{Email, Event, Language, MemberId, ReservationId};
use event_log::read_last_of_types;

use super::state_at;
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

/// What tells a member's name and address, beside the first event: the log has an index of them.
const TELLING: [&str; 2] = ["member.renamed", "member.email_changed"];

/// `None`: there is no such member, or not any more.
pub async fn known(app: &App, member: MemberId) -> Result<Option<Known>, Problem> {
    let stream = member.stream().to_string().into();
    let mut connection = app.pool.acquire().await.map_err(failed)?;
    let (version, state) = state_at(app, &mut connection, &stream).await?;
    let Some(state) = state.member().filter(|state| !state.withdrawn) else {
        // their keys may be made anew
        return Ok(None);
    };
    let telling = read_last_of_types(&mut *connection, &stream, version, &TELLING).await;
    let telling = telling.map_err(failed)?;
    drop(connection);
    let keys = app.keyring.fetch(member.key_ids()).await.map_err(failed)?;
    let (mut name, mut email) = (None, None);
    for event in &telling {
        let stored = event.stored();
        let opening = keys.opening(stored.id, stored.key_id);
        let (kind, version) = (stored.event_type, stored.schema_version);
        let event = Event::from_stored(kind, version, stored.payload, opening);
        match event.map_err(Problem::internal)? {
            Event::Member(Happened::SignedUp(signed_up)) => {
                name = signed_up.name.open().cloned();
                email = signed_up.email.open().cloned();
            }
            Event::Member(Happened::Renamed(renamed)) => name = renamed.name.open().cloned(),
            Event::Member(Happened::EmailChanged(changed)) => {
                email = changed.email.open().cloned();
            }
            _ => return Err(Problem::internal("an event that tells nothing of a member")),
        }
    }
    Ok(name.zip(email).map(|(name, email)| Known {
        member,
        name: name.as_str().to_owned(),
        email,
        email_of: state.email_reservation,
        email_verified: state.email_verified,
        language: state.language,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_an_index_of_what_tells() {
        let index = include_str!("../../../migrations/20261130050000_telling.sql");
        for event_type in TELLING {
            assert!(index.contains(&format!("'{event_type}'")), "{event_type}");
        }
    }
}
