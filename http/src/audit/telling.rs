//! Events as sentences: a text for each type (`event-review-posted`), with the payload's fields as
//! its variables, and names in the place of ids.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::Role;
use fluent_bundle::{FluentArgs, FluentValue};
use projections::history::Opened;
use projections::{films, members, rooms};
use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::language::Language;
use crate::t;

/// Fields of payloads that hold a member's id.
const MEMBERS: [&str; 5] = ["member", "author", "by", "auditor", "followed"];
/// Fields that hold a rating, in half stars.
const RATINGS: [&str; 3] = ["rating", "from", "to"];

/// What is named in some events, as it is called now.
#[derive(Default)]
pub struct Names {
    films: HashMap<Uuid, (String, String)>,
    members: HashMap<Uuid, String>,
    rooms: HashMap<Uuid, String>,
}

impl Names {
    pub async fn of<'a>(
        connection: &mut PgConnection,
        events: impl Iterator<Item = &'a Opened> + Clone,
    ) -> sqlx::Result<Names> {
        let ids = |field: &'static str| {
            let events = events.clone();
            events.filter_map(move |opened| opened.named(field))
        };
        let mut people: Vec<Uuid> = MEMBERS.into_iter().flat_map(ids).collect();
        people.extend(events.clone().map(|opened| opened.recorded.actor));
        people.sort_unstable();
        people.dedup();
        let (mut shown, mut talked_in): (Vec<Uuid>, Vec<Uuid>) =
            (ids("film").collect(), ids("room").collect());
        shown.sort_unstable();
        shown.dedup();
        talked_in.sort_unstable();
        talked_in.dedup();
        let cards = films::cards(connection, &shown).await?.into_iter();
        let members = members::names(connection, &people).await?.into_iter();
        let rooms = rooms::names(connection, &talked_in).await?.into_iter();
        let named = |(id, name): (Uuid, Option<String>)| Some((id, name?));
        Ok(Names {
            films: cards
                .map(|card| (card.film, (card.title_en, card.title_ko)))
                .collect(),
            members: members.filter_map(named).collect(),
            rooms: rooms.filter_map(named).collect(),
        })
    }

    /// None: a former member, or somebody else's node.
    pub fn member(&self, id: Uuid) -> Option<&str> {
        self.members.get(&id).map(String::as_str)
    }

    pub fn film(&self, language: Language, id: Uuid) -> Option<&str> {
        let (en, ko) = self.films.get(&id)?;
        Some(match language {
            Language::En => en,
            Language::Ko => ko,
        })
    }

    /// What a field's value is called, if it is an id of something that has a name.
    pub fn called(&self, language: Language, field: &str, value: &Value) -> Option<String> {
        let id: Uuid = value.as_str()?.parse().ok()?;
        let former = || t!(language, "former-member");
        match field {
            "film" => self.film(language, id).map(str::to_owned),
            "room" => self.rooms.get(&id).cloned(),
            _ if MEMBERS.contains(&field) => {
                let name = self.member(id).map(str::to_owned);
                Some(name.unwrap_or_else(former))
            }
            _ => None,
        }
    }
}

/// What happened, without who did it.
pub fn sentence(language: Language, opened: &Opened, names: &Names) -> String {
    let mut args = FluentArgs::new();
    if let Value::Object(data) = &opened.data {
        for (field, value) in data {
            args.set(field.replace('_', ""), told(language, field, value, names));
        }
    }
    language.text(&id(&opened.recorded.event_type), Some(&args))
}

/// All types of events that there are.
pub fn kinds() -> Vec<&'static str> {
    let mut kinds: Vec<&str> = domain::Event::types().map(|(name, _)| name).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn id(event_type: &str) -> String {
    format!("event-{}", event_type.replace(['.', '_'], "-"))
}

fn told(language: Language, field: &str, value: &Value, names: &Names) -> FluentValue<'static> {
    if let Some(name) = names.called(language, field, value) {
        return FluentValue::from(name);
    }
    match value {
        Value::String(text) => FluentValue::from(worded(language, field, text)),
        Value::Number(half_stars) if RATINGS.contains(&field) => {
            FluentValue::from((half_stars.as_f64().unwrap_or_default() / 2.0).to_string())
        }
        Value::Number(number) => FluentValue::from(number.as_i64().unwrap_or_default()),
        Value::Bool(yes) => FluentValue::from(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            FluentValue::from(t!(language, "event-untold"))
        }
    }
}

/// A day, a role or a language as it is called; every other text as it is.
fn worded(language: Language, field: &str, text: &str) -> String {
    let day = (field == "until").then(|| text.parse::<DateTime<Utc>>());
    if let Some(Ok(at)) = day {
        return language.date(at);
    }
    if let Some(day) = (field == "watched_on").then(|| text.parse().ok()).flatten() {
        return language.day(day);
    }
    match field {
        "role" if Role::from_slug(text).is_ok() => language.text(&format!("role-{text}"), None),
        "language" if Language::ALL.iter().any(|known| known.code() == text) => {
            language.text(&format!("language-{text}"), None)
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_roles_and_languages_are_called_as_people_call_them() {
        let told = |field, text| worded(Language::Ko, field, text);
        assert_eq!(told("until", "2027-01-15T00:00:00Z"), "2027년 1월 15일");
        assert_eq!(told("role", "moderator"), "관리자");
        assert_eq!(told("language", "ko"), "한국어");
        assert_eq!(told("name", "moderator"), "moderator");
        assert_eq!(told("until", "soon"), "soon");
    }

    #[test]
    fn every_type_of_event_is_told_in_both_languages() {
        for language in Language::ALL {
            for kind in kinds() {
                let id = id(kind);
                assert_ne!(language.text(&id, None), id, "{kind} in {language:?}");
            }
        }
    }
}
