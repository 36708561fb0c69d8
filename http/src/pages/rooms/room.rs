//! A room's page: what was said, who is there, and a place to write. Complete without scripts;
//! a script makes it live. `data-…` says to it what it must know.

mod composer;
mod frame;
mod talk;
mod verdict;

use std::collections::BTreeMap;

use axum::response::Response;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use maud::html;
use projections::members;
use projections::messages::{self, MessageCard, Stretch};
use projections::room_members::{self, RoomMemberCard};
use projections::rooms::RoomCard;
use serde::Deserialize;
use uuid::Uuid;

pub use frame::member_row;

use super::styles;
use crate::api::rooms::find;
use crate::api::rooms::messages::{MessageQuery, stretch};
use crate::api::rooms::order::MOST_LISTED;
use crate::api::rooms::verdicts::Verdicts;
use crate::assets::asset;
use crate::components::{Author, room_name};
use crate::extract::{Path, Query};
use crate::flash::redirect;
use crate::fresh;
use crate::language::Language;
use crate::layout::Page;
use crate::markdown;
use crate::pages::attempt::Attempt;
use crate::problem::Problem;
use crate::reading::{Reading, failed};

/// In which somebody may have talked.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=9999;

/// Which part of the room's history, and what is answered.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct View {
    pub before: Option<i64>,
    pub after: Option<i64>,
    pub around: Option<i64>,
    /// What is no day is not asked for.
    pub day: String,
    pub q: String,
    pub reply_to: Option<i64>,
}

impl View {
    fn query(&self) -> MessageQuery {
        let q = self.q.trim();
        MessageQuery {
            before: self.before,
            after: self.after,
            around: self.around,
            since: None,
            q: (!q.is_empty()).then(|| q.to_owned()),
            limit: None,
        }
    }

    /// A day of the server's, or the time at which the reader's begins.
    fn since(&self) -> Option<DateTime<Utc>> {
        let day: Option<NaiveDate> = self.day.parse().ok();
        let midnight = day.map(|day| day.and_time(NaiveTime::MIN).and_utc());
        let time = midnight.or_else(|| self.day.parse().ok());
        time.filter(|time| YEARS.contains(&time.year()))
    }
}

/// `GET /rooms/{room}?before={seq}|after={seq}|around={seq}|day={date}|q={text}`: 200, 303 to a day's
/// first message, 400, 404.
pub async fn show(
    Path(room): Path<Uuid>,
    Query(view): Query<View>,
    mut reading: Reading,
) -> Result<Response, Problem> {
    if let Some(time) = view.since() {
        return lead_to(reading, room, time).await;
    }
    let shown = Shown::load(&mut reading, room, &view).await?;
    let attempt = Attempt::first();
    let page = shown.page(&reading, &Written::default(), &attempt);
    Ok(reading.respond(page))
}

/// To what was said first from then on; to the newest where nothing was.
async fn lead_to(
    mut reading: Reading,
    room: Uuid,
    time: DateTime<Utc>,
) -> Result<Response, Problem> {
    find(&mut reading, room).await?;
    let first = messages::first_since(&mut reading.snapshot, room, time);
    let to = match first.await.map_err(failed)? {
        Some(seq) => format!("/rooms/{room}?around={seq}#m-{seq}"),
        None => format!("/rooms/{room}#newest"),
    };
    Ok(reading.respond(redirect(&to)))
}

/// What stands where one writes.
#[derive(Default)]
pub struct Written {
    pub text: String,
    pub spoiler: bool,
}

/// All that the page shows.
pub struct Shown {
    pub card: RoomCard,
    query: MessageQuery,
    stretch: Stretch,
    members: Vec<RoomMemberCard>,
    /// Of those who react or are named, for the script.
    names: BTreeMap<Uuid, Option<String>>,
    answered: Option<MessageCard>,
    /// Of the viewer.
    verdicts: Verdicts,
}

impl Shown {
    pub async fn load(reading: &mut Reading, room: Uuid, view: &View) -> Result<Shown, Problem> {
        let card = find(reading, room).await?;
        let query = view.query();
        let stretch = stretch(reading, room, &query).await?;
        let looking = (reading.viewer(), card.keeps_order());
        let snapshot = &mut reading.snapshot;
        let verdicts = match looking.0 {
            Some(viewer) => Verdicts::against(snapshot, room, viewer).await?,
            None => Verdicts::default(),
        };
        let members =
            room_members::of_room(snapshot, room, looking, fresh::now(), MOST_LISTED).await;
        let members = members.map_err(failed)?;
        let mut ids: Vec<Uuid> = stretch.messages.iter().map(|said| said.member).collect();
        ids.extend(members.iter().map(|row| row.member));
        let names = members::names(snapshot, &ids).await.map_err(failed)?;
        let answered = match view.reply_to {
            Some(seq) => messages::by_seq(snapshot, room, seq)
                .await
                .map_err(failed)?,
            None => None,
        };
        Ok(Shown {
            answered: answered.filter(|said| said.retracted_by.is_none()),
            card,
            query,
            stretch,
            members,
            names: names.into_iter().collect(),
            verdicts,
        })
    }

    pub fn page(&self, reading: &Reading, written: &Written, attempt: &Attempt) -> Page {
        let language = reading.visitor.language;
        let viewer = reading.viewer();
        let card = &self.card;
        let name = room_name(language, card.name.as_deref());
        let is_newest = !self.stretch.has_newer && self.query.q.is_none();
        let content = html! {
            section id="room" class="room" data-room=(card.room) data-seq=(card.seq)
                data-n=(card.messages) data-read=[card.read] data-member=[viewer]
                data-role=[card.role.as_deref()] data-archived=(card.archived)
                data-slow-mode=(card.slow_mode_seconds) data-newest=(is_newest) {
                (self.head(language, viewer, &name))
                div class="room-body" {
                    div class="room-talk" {
                        div class="room-scroll" data-scrolls role="log" tabindex="0"
                            aria-label=(name) {
                            div class="room-history" { (self.history(language, viewer)) }
                        }
                        p id="typing" class="typing" aria-live="polite" {}
                        p id="room-status" class="room-status" role="status" hidden {}
                        (self.composer(reading, written, attempt))
                    }
                    (self.side(language, viewer))
                }
                (self.data(language, viewer))
            }
        };
        let page = Page::new(reading.visitor.clone(), name, content).styled(styles());
        // nothing happens there, or not for them
        if reading.visitor.as_of.is_some() || self.verdicts.ban().is_some() {
            return page;
        }
        page.scripted(asset("room.js"))
    }
}

/// A message in one line.
pub fn line(language: Language, said: &MessageCard) -> String {
    let who = Author {
        name: said.member_name.as_deref(),
        href: None,
    };
    let text = said.text.as_deref().filter(|_| !said.spoiler);
    let text = text.map(|text| markdown::excerpt(text, 80));
    format!("{}: {}", who.shown_name(language), text.unwrap_or_default())
}
