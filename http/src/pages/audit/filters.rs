//! Which events are wanted, as a form and as addresses.

use domain::audit::{KnownStream, KnownType};
use maud::{Markup, html};
use projections::history::parse_time;
use projections::members;
use serde::Deserialize;
use uuid::Uuid;

use super::AUDIT;
use crate::api::audit::events::AuditQuery;
use crate::app::App;
use crate::audit::kinds;
use crate::components::field_error;
use crate::language::Language;
use crate::layout::query_value;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::{message, t};

/// As a form sends them: what is not asked for is empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Filters {
    pub actor: String,
    #[serde(rename = "type")]
    pub event_type: String,
    pub stream: String,
    pub film: String,
    pub member: String,
    pub correlation: String,
    pub since: String,
    pub until: String,
    pub order: String,
    pub cursor: String,
}

impl Filters {
    /// Members may be named; 422 for a name that nobody has and for what is no number.
    pub async fn read(&self, app: &App, reading: &mut Reading) -> Result<AuditQuery, Problem> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        for (field, typed) in [("since", &self.since), ("until", &self.until)] {
            if !typed.trim().is_empty() && parse_time(typed.trim()).is_err() {
                return Err(unknown(field, typed));
            }
        }
        let (kind, stream) = (text(&self.event_type), text(&self.stream));
        if kind
            .as_deref()
            .is_some_and(|kind| KnownType::new(kind).is_none())
        {
            return Err(unknown("type", &self.event_type));
        }
        if stream
            .as_deref()
            .is_some_and(|name| KnownStream::new(name).is_none())
        {
            return Err(unknown("stream", &self.stream));
        }
        Ok(AuditQuery {
            actor: member("actor", &self.actor, app, reading).await?,
            event_type: kind,
            stream,
            film: id("film", &self.film)?,
            member: member("member", &self.member, app, reading).await?,
            since: text(&self.since),
            until: text(&self.until),
            correlation: id("correlation", &self.correlation)?,
            after: None,
            order: text(&self.order),
            cursor: text(&self.cursor),
            limit: None,
        })
    }

    fn pairs(&self) -> [(&'static str, &str); 10] {
        [
            ("type", &self.event_type),
            ("actor", &self.actor),
            ("member", &self.member),
            ("film", &self.film),
            ("stream", &self.stream),
            ("correlation", &self.correlation),
            ("since", &self.since),
            ("until", &self.until),
            ("order", &self.order),
            ("cursor", &self.cursor),
        ]
    }

    pub fn href(&self) -> String {
        let pairs = self.pairs().into_iter();
        let pairs = pairs.filter(|(_, value)| !value.is_empty());
        let query: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={}", query_value(value)))
            .collect();
        match query.is_empty() {
            true => AUDIT.to_owned(),
            false => format!("{AUDIT}?{}", query.join("&")),
        }
    }

    fn is_any(&self) -> bool {
        self.pairs().iter().any(|(_, value)| !value.is_empty())
    }

    pub fn form(&self, language: Language, problem: Option<&Problem>) -> Markup {
        let member = t!(language, "audit-member-hint");
        html! {
            details class="audit-choice" open[self.is_any()] {
                summary class="button quiet small" { (t!(language, "audit-filters")) }
                form class="audit-filters" method="get" action=(AUDIT) {
                    div class="field" {
                        label for="type" { (t!(language, "audit-type")) }
                        select id="type" name="type" {
                            option value="" { (t!(language, "audit-any-type")) }
                            @for kind in kinds() {
                                option value=(kind) selected[kind == self.event_type] { (kind) }
                            }
                        }
                    }
                    (line("actor", t!(language, "audit-actor"), &self.actor, &member, problem))
                    (line("member", t!(language, "audit-member"), &self.member, &member, problem))
                    (line("film", t!(language, "audit-film"), &self.film,
                        &t!(language, "audit-film-hint"), problem))
                    (line("stream", t!(language, "audit-stream"), &self.stream,
                        &t!(language, "audit-stream-hint"), problem))
                    (line("correlation", t!(language, "audit-correlation"), &self.correlation, "",
                        problem))
                    (moment("since", t!(language, "audit-since"), &self.since))
                    (moment("until", t!(language, "audit-until"), &self.until))
                    div class="field" {
                        label for="order" { (t!(language, "audit-order")) }
                        select id="order" name="order" {
                            option value="" { (t!(language, "audit-newest")) }
                            option value="oldest" selected[self.order == "oldest"] {
                                (t!(language, "audit-oldest"))
                            }
                        }
                    }
                    div class="audit-filters-end" {
                        button class="button small" type="submit" { (t!(language, "audit-apply")) }
                        @if self.is_any() {
                            a class="button quiet small" href=(AUDIT) {
                                (t!(language, "audit-clear"))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn line(
    name: &'static str,
    label: String,
    value: &str,
    hint: &str,
    problem: Option<&Problem>,
) -> Markup {
    let is_wrong = field_error(problem, name).is_some();
    html! {
        div class="field" {
            label for=(name) { (label) }
            input id=(name) name=(name) type="text" value=(value) placeholder=(hint)
                autocomplete="off" spellcheck="false" aria-invalid=[is_wrong.then_some("true")];
        }
    }
}

/// In UTC, to the minute, as browsers write it.
fn moment(name: &'static str, label: String, value: &str) -> Markup {
    let time = parse_time(value.trim()).ok();
    let value = time.map(|time| time.format("%Y-%m-%dT%H:%M").to_string());
    html! {
        div class="field" {
            label for=(name) { (label) " (UTC)" }
            input id=(name) name=(name) type="datetime-local" value=[value];
        }
    }
}

fn unknown(field: &'static str, typed: &str) -> Problem {
    Problem::invalid(field, message!("audit-error-value", field = typed))
}

fn id(field: &'static str, typed: &str) -> Result<Option<Uuid>, Problem> {
    match typed.trim() {
        "" => Ok(None),
        typed => match typed.parse() {
            Ok(id) => Ok(Some(id)),
            Err(_) => Err(unknown(field, typed)),
        },
    }
}

async fn member(
    field: &'static str,
    typed: &str,
    app: &App,
    reading: &mut Reading,
) -> Result<Option<Uuid>, Problem> {
    if let Ok(known) = id(field, typed) {
        return Ok(known);
    }
    let nobody = || Problem::invalid(field, message!("audit-error-member"));
    let name = domain::MemberName::new(typed).map_err(|_| nobody())?;
    let reservation = app.vault.name_reservation(&name);
    let row = members::by_name(&mut reading.snapshot, reservation.0).await;
    let row = row.map_err(failed)?.ok_or_else(nobody)?;
    Ok(Some(row.member))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_what_the_form_asked_for() {
        let filters = Filters {
            event_type: "review.posted".to_owned(),
            member: "안 & 밥".to_owned(),
            ..Filters::default()
        };
        assert_eq!(
            filters.href(),
            "/audit?type=review.posted&member=%EC%95%88%20%26%20%EB%B0%A5"
        );
        assert_eq!(Filters::default().href(), "/audit");
    }
}
