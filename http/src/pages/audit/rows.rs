//! Events of a list: who did what, when; what it says; and the way to more of the kind.

use chrono::{DateTime, Utc};
use domain::MemberId;
use maud::{Markup, html};
use projections::history::Opened;
use serde_json::Value;
use uuid::Uuid;

use super::AUDIT;
use crate::api::{audit, history};
use crate::audit::{Names, sentence};
use crate::components::time;
use crate::language::Language;
use crate::layout::query_value;
use crate::t;

/// Where the event is listed.
pub enum Row {
    /// Each value leads to its filter.
    OfTheLog,
    /// In a member's own history.
    Own(MemberId),
}

/// Fields of payloads that name a member.
const MEMBERS: [&str; 4] = ["member", "author", "by", "auditor"];
/// Fields of payloads that hold the id of a stream of the same name.
const STREAMS: [&str; 7] = [
    "film", "review", "comment", "room", "like", "report", "member",
];

pub fn row(language: Language, opened: &Opened, names: &Names, place: &Row) -> Markup {
    let event = &opened.recorded;
    let is_audit = matches!(place, Row::OfTheLog);
    html! {
        li class="audit-event" id={ "e-" (event.position) } {
            p class="audit-what" {
                (who(language, opened, names, place)) " "
                (told(language, opened, names, place))
            }
            p class="audit-marks" {
                @if is_audit {
                    (moment(event.recorded_at))
                    a href={ (AUDIT) "?type=" (event.event_type) } { (event.event_type) }
                    a href={ (AUDIT) "/streams/" (event.stream.as_str()) "?at=" (event.version) } {
                        (short(event.stream.as_str())) " v" (event.version)
                    }
                    a href={ (AUDIT) "?correlation=" (event.correlation) } {
                        (t!(language, "audit-same-request"))
                    }
                    @if event.causation.is_some() { span { (t!(language, "audit-follows")) " ↑" } }
                } @else {
                    (time(language, event.recorded_at))
                }
                a href=(receipt(event.position, place)) { (t!(language, "audit-receipt")) }
                span class="number" { "#" (event.position) }
            }
            (details(language, opened, names, is_audit))
        }
    }
}

fn receipt(position: i64, place: &Row) -> String {
    let events = match place {
        Row::OfTheLog => audit::events::PLACE,
        Row::Own(_) => history::PLACE,
    };
    format!("{events}/{position}/receipt")
}

fn who(language: Language, opened: &Opened, names: &Names, place: &Row) -> Markup {
    let actor = opened.recorded.actor;
    let name = match place {
        Row::Own(member) if member.0 == actor || is_signing_up(opened) => {
            t!(language, "history-you")
        }
        Row::Own(_) if actor.is_nil() => t!(language, "history-system"),
        Row::OfTheLog if actor.is_nil() => t!(language, "audit-nobody"),
        Row::Own(_) | Row::OfTheLog => match names.member(actor) {
            Some(name) => name.to_owned(),
            None => t!(language, "former-member"),
        },
    };
    html! {
        @match place {
            Row::OfTheLog => a class="audit-who" href={ (AUDIT) "?actor=" (actor) } { (name) },
            Row::Own(_) => strong class="audit-who" { (name) },
        }
    }
}

/// Nobody is signed in who does it.
fn is_signing_up(opened: &Opened) -> bool {
    let event = &opened.recorded;
    event.actor.is_nil()
        && (event.event_type == "member.signed_up" || event.event_type.starts_with("reservation."))
}

fn told(language: Language, opened: &Opened, names: &Names, place: &Row) -> String {
    let event = &opened.recorded;
    match place {
        Row::Own(member) if event.event_type == "audit.read" && event.actor != member.0 => {
            t!(language, "history-read-you")
        }
        Row::Own(_) | Row::OfTheLog => sentence(language, opened, names),
    }
}

/// To the second, in UTC: an auditor compares times.
pub fn moment(at: DateTime<Utc>) -> Markup {
    html! {
        // no `time`: those are told as "an hour ago"
        span class="number" { (at.format("%Y-%m-%d %H:%M:%S")) " UTC" }
    }
}

/// What it says, field by field; open where there are texts.
fn details(language: Language, opened: &Opened, names: &Names, is_audit: bool) -> Markup {
    html! {
        @if let Some(why) = &opened.unreadable {
            p class="alert" { (t!(language, "audit-unreadable", why = why)) }
        }
        details class="audit-details" {
            summary { (t!(language, "audit-details")) }
            (fields(language, &opened.data, names, is_audit))
        }
    }
}

/// An object's fields, each value with its name and the way to its filter.
pub fn fields(language: Language, data: &Value, names: &Names, is_audit: bool) -> Markup {
    let fields = data.as_object().into_iter().flatten();
    html! {
        dl class="audit-fields" {
            @for (field, value) in fields {
                dt { (field) }
                dd { (self::value(language, (field, value), names, is_audit)) }
            }
        }
    }
}

fn value(
    language: Language,
    (field, value): (&str, &Value),
    names: &Names,
    is_audit: bool,
) -> Markup {
    let name = names.called(language, field, value);
    let shown = match name {
        Some(name) => name,
        None => plain(language, value),
    };
    let id = value.as_str().filter(|text| text.parse::<Uuid>().is_ok());
    let filter = match field {
        "film" => Some("film"),
        _ if MEMBERS.contains(&field) => Some("member"),
        _ => None,
    };
    html! {
        @match (filter, id) {
            (Some(filter), Some(id)) if is_audit => {
                a href={ (AUDIT) "?" (filter) "=" (id) } { (shown) }
            }
            _ => (shown),
        }
        @if let Some(id) = id.filter(|_| is_audit && STREAMS.contains(&field)) {
            " " a class="audit-aside" href={ (AUDIT) "/streams/" (field) "-" (query_value(id)) } {
                (field) "-" (short(id))
            }
        }
    }
}

/// A text as it is, everything else as JSON.
pub fn plain(language: Language, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => t!(language, "event-untold"),
        forgotten if forgotten.get("forgotten").is_some() => t!(language, "audit-forgotten"),
        other => other.to_string(),
    }
}

/// A stream's name or an id, as much of it as tells it from its neighbours.
fn short(name: &str) -> String {
    match name.split_once('-') {
        Some((category, id)) if id.parse::<Uuid>().is_ok() => {
            format!("{category}-{}…", &id[..8])
        }
        _ => match name.parse::<Uuid>() {
            Ok(_) => format!("{}…", &name[..8]),
            Err(_) => name.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_shortened() {
        let id = Uuid::from_u128(1).to_string();
        assert_eq!(short(&format!("review-{id}")), "review-00000000…");
        assert_eq!(short(&id), "00000000…");
        assert_eq!(short("else"), "else");
    }
}
