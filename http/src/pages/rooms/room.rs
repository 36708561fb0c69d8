//! A room's page: what was said, who is there, and a place to write. Complete without scripts;
//! a script makes it live. `data-…` says to it what it must know.

use std::collections::BTreeMap;

use axum::response::Response;
use chrono::{NaiveDate, NaiveTime};
use domain::Reaction;
use maud::{Markup, PreEscaped, html};
use projections::members;
use projections::messages::{self, MessageCard, Stretch};
use projections::room_members::{self, RoomMemberCard};
use projections::rooms::RoomCard;
use serde::Deserialize;
use uuid::Uuid;

use super::order::moderation_menu;
use super::styles;
use crate::api::rooms::find;
use crate::api::rooms::messages::{MessageQuery, stretch};
use crate::api::rooms::order::MOST_LISTED;
use crate::assets::asset;
use crate::components::{
    Author, author, avatar, command, confirm, empty, error_summary, icon, present, room_name,
};
use crate::extract::{Path, Query};
use crate::language::Language;
use crate::layout::{Page, query_value};
use crate::markdown;
use crate::pages::attempt::Attempt;
use crate::pages::leading_to;
use crate::pages::rows::in_language;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::t;

/// Messages closer together, of one author, stand as one block.
const ONE_BREATH_MINUTES: i64 = 5;

/// Which part of the room's history, and what is answered.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct View {
    pub before: Option<i64>,
    pub after: Option<i64>,
    pub around: Option<i64>,
    /// Of the server; what no date is, is not asked for.
    pub day: String,
    pub q: String,
    pub reply_to: Option<i64>,
}

impl View {
    fn query(&self) -> MessageQuery {
        let day: Option<NaiveDate> = self.day.parse().ok();
        let since = day.map(|day| day.and_time(NaiveTime::MIN).and_utc());
        let q = self.q.trim();
        MessageQuery {
            before: self.before,
            after: self.after,
            around: self.around,
            since,
            q: (!q.is_empty()).then(|| q.to_owned()),
            limit: None,
        }
    }
}

/// `GET /rooms/{room}?before={seq}|after={seq}|around={seq}|day={date}|q={text}`: 200, 400, 404.
pub async fn show(
    Path(room): Path<Uuid>,
    Query(view): Query<View>,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let shown = Shown::load(&mut reading, room, &view).await?;
    let attempt = Attempt::first();
    let page = shown.page(&reading, "", &attempt);
    Ok(reading.respond(page))
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
}

impl Shown {
    pub async fn load(reading: &mut Reading, room: Uuid, view: &View) -> Result<Shown, Problem> {
        let card = find(reading, room).await?;
        let query = view.query();
        let stretch = stretch(reading, room, &query).await?;
        let snapshot = &mut reading.snapshot;
        let members = room_members::of_room(snapshot, room, MOST_LISTED).await;
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
        })
    }

    /// `text` was typed into the composer.
    pub fn page(&self, reading: &Reading, text: &str, attempt: &Attempt) -> Page {
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
                        (self.history(language, viewer))
                        p id="typing" class="typing" aria-live="polite" {}
                        p id="room-status" class="room-status" role="status" hidden {}
                        (self.composer(reading, text, attempt))
                    }
                    (self.side(language, viewer))
                }
                (self.data(language))
            }
        };
        Page::new(reading.visitor.clone(), name, content)
            .styled(styles())
            .scripted(asset("room.js"))
    }

    fn head(&self, language: Language, viewer: Option<Uuid>, name: &str) -> Markup {
        let card = &self.card;
        let here = format!("/rooms/{}", card.room);
        let film = film_title(language, card);
        html! {
            header class="room-head" {
                div class="room-title" {
                    h1 { (name) }
                    p class="room-facts" {
                        @if let (Some(film), Some(title)) = (card.film, film) {
                            a href={ "/films/" (film) } { (icon("reel")) (title) } " "
                        }
                        @if card.archived { span class="tag" { (t!(language, "room-archived")) } }
                        @if card.admission != "public" {
                            span class="tag" { (t!(language, "room-private")) }
                        }
                        @if card.slow_mode_seconds > 0 {
                            span class="tag" {
                                (t!(language, "room-slow-mode-on", count = card.slow_mode_seconds))
                            }
                        }
                        a class="room-count" href="#room-side" { (present(language, card)) }
                    }
                }
                div class="room-acts" {
                    @if viewer.is_some() {
                        @let (action, text) = if card.is_here {
                            ("leave", t!(language, "room-leave"))
                        } else if card.archived {
                            ("enter", t!(language, "room-enter-archived"))
                        } else {
                            ("enter", t!(language, "room-enter"))
                        };
                        form method="post" action={ (here) "/" (action) } {
                            button class="button quiet small" type="submit" { (text) }
                        }
                    }
                    (self.menu(language, &here))
                }
            }
        }
    }

    fn menu(&self, language: Language, here: &str) -> Markup {
        html! {
            details class="menu room-menu" name="menu" {
                summary aria-label=(t!(language, "room-menu")) { (icon("more")) }
                div class="menu-list" {
                    form class="room-search" method="get" action=(here) role="search" {
                        input type="search" name="q" maxlength="100" required
                            value=[self.query.q.as_deref()]
                            aria-label=(t!(language, "room-search"))
                            placeholder=(t!(language, "room-search"));
                    }
                    form class="room-search" method="get" action=(here) {
                        label for="since" { (t!(language, "room-jump")) }
                        input type="date" id="since" name="day" required;
                        button type="submit" { (t!(language, "room-jump-go")) }
                    }
                    @if self.card.keeps_order() {
                        a href={ (here) "/edit" } { (t!(language, "room-edit")) }
                        @if !self.card.archived {
                            (confirm(
                                language,
                                &format!("{here}/archive"),
                                &t!(language, "room-archive"),
                                &t!(language, "room-archive-confirm"),
                                &html! {},
                            ))
                        }
                    }
                }
            }
        }
    }

    fn history(&self, language: Language, viewer: Option<Uuid>) -> Markup {
        let here = format!("/rooms/{}", self.card.room);
        let messages = &self.stretch.messages;
        let search = self.query.q.as_deref();
        let turn = |key: &str, seq: i64| match search {
            Some(piece) => format!("{here}?q={}&{key}={seq}", query_value(piece)),
            None => format!("{here}?{key}={seq}"),
        };
        let older = messages.first().filter(|_| self.stretch.has_older);
        let newer = messages
            .last()
            .filter(|_| self.stretch.has_newer && search.is_none());
        html! {
            @if let Some(piece) = search {
                p class="room-found" {
                    (t!(language, "room-found", text = piece)) " "
                    a href=(here) { (t!(language, "room-back")) }
                }
            }
            @if let Some(first) = older {
                p class="room-turn" {
                    a class="button quiet small" id="older" rel="prev"
                        href=(turn("before", first.seq)) { (t!(language, "room-older")) }
                }
            }
            ol id="messages" class="messages" {
                @for (place, said) in messages.iter().enumerate() {
                    @let before = place.checked_sub(1).map(|before| &messages[before]);
                    @if before.is_none_or(|before| day(before) != day(said)) {
                        li class="day" data-day=(day(said)) { (language.date(said.posted_at)) }
                    }
                    (self.message(language, viewer, said, before))
                }
            }
            @if messages.is_empty() {
                (empty(&t!(language, "room-quiet")))
            }
            @if let Some(last) = newer {
                p class="room-turn" {
                    a class="button quiet small" id="newer" rel="next"
                        href=(turn("after", last.seq)) { (t!(language, "room-newer")) }
                    " "
                    a class="button quiet small" href={ (here) "#newest" } {
                        (t!(language, "room-newest"))
                    }
                }
            }
            span id="newest" {}
        }
    }

    fn message(
        &self,
        language: Language,
        viewer: Option<Uuid>,
        said: &MessageCard,
        before: Option<&MessageCard>,
    ) -> Markup {
        let is_own = viewer == Some(said.member);
        let is_grouped = before.is_some_and(|before| {
            before.member == said.member
                && day(before) == day(said)
                && (said.posted_at - before.posted_at).num_minutes() < ONE_BREATH_MINUTES
        });
        let is_grouped = is_grouped && said.reply_to.is_none();
        let href = format!("/members/{}", said.member);
        let who = Author {
            name: said.member_name.as_deref(),
            href: said.member_name.as_ref().map(|_| href.as_str()),
        };
        let permalink = format!("/rooms/{}?around={}#m-{}", said.room, said.seq, said.seq);
        html! {
            li class="message" id={ "m-" (said.seq) } data-seq=(said.seq) data-n=(said.n)
                data-author=(said.member) data-at=(said.posted_at.to_rfc3339())
                data-own[is_own] data-grouped[is_grouped]
                data-retracted[said.retracted_by.is_some()] {
                @if !is_own { (avatar(said.member_name.as_deref())) }
                div class="message-box" {
                    p class="message-head" {
                        span class="message-author" { (author(language, &who)) } " "
                        a class="message-time" href=(permalink) { (clock(said)) }
                        @if said.edited_at.is_some() {
                            " " span class="message-edited" { (t!(language, "room-edited")) }
                        }
                    }
                    (answered(language, said))
                    (body(language, said))
                    (reactions(language, viewer, said))
                }
                @if viewer.is_some() && said.retracted_by.is_none() {
                    (self.message_menu(language, is_own, said))
                }
            }
        }
    }

    fn message_menu(&self, language: Language, is_own: bool, said: &MessageCard) -> Markup {
        let path = format!("/rooms/{}/messages/{}", said.room, said.seq);
        let reason = html! {
            input type="text" name="reason" maxlength="300"
                aria-label=(t!(language, "room-reason")) placeholder=(t!(language, "room-reason"));
        };
        html! {
            details class="menu message-menu" name="menu" {
                summary aria-label=(t!(language, "room-message-menu")) { (icon("more")) }
                div class="menu-list" {
                    form class="react-form" method="post" action={ (path) "/reactions" } {
                        @for reaction in &Reaction::ALL[..8] {
                            button type="submit" name="reaction" value=(reaction) { (reaction) }
                        }
                    }
                    a class="reply-link" href={ "/rooms/" (said.room) "?reply_to=" (said.seq) "#composer" }
                        data-reply=(said.seq) { (t!(language, "room-reply")) }
                    @if is_own {
                        a href={ (path) "/edit" } { (t!(language, "edit")) }
                        (confirm(
                            language,
                            &format!("{path}/retract"),
                            &t!(language, "delete"),
                            &t!(language, "room-retract-confirm"),
                            &html! {},
                        ))
                    } @else {
                        a href={ (path) "/report" } { (t!(language, "room-report")) }
                        @if self.card.keeps_order() {
                            (confirm(
                                language,
                                &format!("{path}/retract"),
                                &t!(language, "room-retract"),
                                &t!(language, "room-retract-other-confirm"),
                                &reason,
                            ))
                            a href={ (path) "/present" } { (t!(language, "room-who-was-here")) }
                        }
                    }
                }
            }
        }
    }

    fn composer(&self, reading: &Reading, text: &str, attempt: &Attempt) -> Markup {
        let language = reading.visitor.language;
        let card = &self.card;
        let here = format!("/rooms/{}", card.room);
        if reading.viewer().is_none() {
            return html! {
                p class="composer-closed" {
                    a class="button" href=(leading_to("/sign-in", &here)) {
                        (t!(language, "room-sign-in"))
                    }
                }
            };
        }
        if card.archived {
            return html! {
                form class="composer-closed" method="post" action={ (here) "/enter" } {
                    p { (t!(language, "room-is-archived")) }
                    button class="button" type="submit" { (t!(language, "room-enter-archived")) }
                }
            };
        }
        let answered = self.answered.as_ref();
        html! {
            form id="composer" class="composer" method="post" action={ (here) "/messages#newest" }
                data-max="4000" {
                (error_summary(language, attempt.problem()))
                (command(&attempt.command))
                div id="replying" class="replying" hidden[answered.is_none()] {
                    span class="replying-text" {
                        @if let Some(said) = answered { (line(language, said)) }
                    }
                    a class="replying-cancel" href={ (here) "#composer" }
                        aria-label=(t!(language, "cancel")) { "×" }
                }
                input type="hidden" name="reply_to" value=(answered.map(|said| said.seq.to_string()).unwrap_or_default());
                div class="composer-row" {
                    textarea name="text" rows="1" maxlength="4000" required
                        aria-label=(t!(language, "room-write"))
                        placeholder=(t!(language, "room-write")) { "\n" (text) }
                    button class="button" type="submit" { (t!(language, "room-send")) }
                }
                label class="composer-spoiler" {
                    input type="checkbox" name="spoiler" value="yes"; (t!(language, "room-spoiler"))
                }
            }
        }
    }

    fn side(&self, language: Language, viewer: Option<Uuid>) -> Markup {
        let card = &self.card;
        let (here, away): (Vec<_>, Vec<_>) = self.members.iter().partition(|row| row.present);
        html! {
            aside id="room-side" class="room-side" {
                @if let Some(text) = card.description.as_deref().filter(|text| !text.is_empty()) {
                    p class="room-description" { (text) }
                }
                h2 {
                    (t!(language, "room-here")) " "
                    span id="present-count" { (card.present) }
                }
                ul id="present" class="room-members" {
                    @for row in here { (self.member(language, viewer, row)) }
                }
                @if !away.is_empty() {
                    h2 { (t!(language, "room-away")) }
                    ul class="room-members" {
                        @for row in away { (self.member(language, viewer, row)) }
                    }
                }
                @if card.keeps_order() {
                    form class="invite" method="post" action={ "/rooms/" (card.room) "/invite" } {
                        label for="invite-name" { (t!(language, "room-invite")) }
                        div class="composer-row" {
                            input type="text" id="invite-name" name="name" required maxlength="30"
                                autocomplete="off" placeholder=(t!(language, "room-invite-name"));
                            button class="button quiet small" type="submit" {
                                (t!(language, "room-invite-go"))
                            }
                        }
                    }
                }
                @if card.invited {
                    form method="post" action={ "/rooms/" (card.room) "/decline" } {
                        button class="button quiet small" type="submit" {
                            (t!(language, "room-decline"))
                        }
                    }
                }
            }
        }
    }

    fn member(&self, language: Language, viewer: Option<Uuid>, row: &RoomMemberCard) -> Markup {
        let href = format!("/members/{}", row.member);
        let who = Author {
            name: row.name.as_deref(),
            href: row.name.as_ref().map(|_| href.as_str()),
        };
        html! {
            li data-member=(row.member) {
                (avatar(row.name.as_deref())) (author(language, &who))
                @match row.role.as_str() {
                    "maker" => span class="tag" { (t!(language, "room-maker")) },
                    "moderator" => span class="tag" { (t!(language, "room-moderator")) },
                    _ => {}
                }
                @if row.muted { span class="tag" { (t!(language, "room-muted")) } }
                @if row.banned { span class="tag" { (t!(language, "room-banned")) } }
                @if row.invited { span class="tag" { (t!(language, "room-invited")) } }
                @if self.card.keeps_order() && viewer != Some(row.member) {
                    (moderation_menu(language, &self.card, row))
                }
            }
        }
    }

    /// What the script needs, as JSON.
    fn data(&self, language: Language) -> Markup {
        let text = |id| language.text(id, None);
        let texts: BTreeMap<&str, String> = [
            ("reconnecting", text("room-js-reconnecting")),
            ("new-messages", text("room-js-new-messages")),
            ("sending", text("room-js-sending")),
            ("failed", text("room-js-failed")),
            ("typing-one", text("room-js-typing-one")),
            ("typing-many", text("room-js-typing-many")),
            ("entered", text("room-js-entered")),
            ("left", text("room-js-left")),
            ("retracted", text("room-retracted")),
            ("forgotten", text("room-forgotten")),
            ("spoiler", text("room-spoiler-cover")),
            ("edited", text("room-edited")),
            ("former-member", text("former-member")),
            ("edit", text("edit")),
            ("delete", text("delete")),
            ("reply", text("room-reply")),
            ("report", text("room-report")),
        ]
        .into();
        let data = serde_json::json!({
            "members": self.names,
            "reactions": Reaction::ALL,
            "texts": texts,
        });
        // nothing in it may end the element
        let json = data.to_string().replace('<', "\\u003c");
        html! { script type="application/json" id="room-data" { (PreEscaped(json)) } }
    }
}

fn film_title(language: Language, card: &RoomCard) -> Option<&str> {
    let (en, ko) = (card.title_en.as_deref()?, card.title_ko.as_deref()?);
    Some(in_language(language, en, ko))
}

/// Of the server; a script knows the reader's.
fn day(said: &MessageCard) -> String {
    said.posted_at.format("%Y-%m-%d").to_string()
}

fn clock(said: &MessageCard) -> Markup {
    html! {
        time datetime=(said.posted_at.format("%Y-%m-%dT%H:%M:%SZ")) data-clock {
            (said.posted_at.format("%H:%M"))
        }
    }
}

fn answered(language: Language, said: &MessageCard) -> Markup {
    let Some(seq) = said.reply_to else {
        return html! {};
    };
    let who = Author {
        name: said.reply_name.as_deref(),
        href: None,
    };
    let text = said.reply_text.as_deref();
    html! {
        a class="message-reply" href={ "/rooms/" (said.room) "?around=" (seq) "#m-" (seq) } {
            strong { (who.shown_name(language)) } " "
            @match text {
                _ if said.reply_spoiler == Some(true) => (t!(language, "room-spoiler-cover")),
                Some(text) => (markdown::excerpt(text, 120)),
                None => (t!(language, "room-retracted")),
            }
        }
    }
}

fn body(language: Language, said: &MessageCard) -> Markup {
    html! {
        @match (&said.text, said.retracted_by) {
            (Some(text), _) if said.spoiler => {
                details class="spoiler message-body" {
                    summary { (t!(language, "room-spoiler-cover")) }
                    div class="prose" { (markdown::render(text)) }
                }
            }
            (Some(text), _) => div class="message-body prose" { (markdown::render(text)) },
            (None, None) => p class="message-body gone" { (t!(language, "room-forgotten")) },
            (None, Some(_)) => p class="message-body gone" {
                @match &said.retraction_reason {
                    Some(reason) => (t!(language, "room-retracted-because", reason = reason)),
                    None => (t!(language, "room-retracted")),
                }
            }
        }
    }
}

fn reactions(language: Language, viewer: Option<Uuid>, said: &MessageCard) -> Markup {
    let path = format!("/rooms/{}/messages/{}/reactions", said.room, said.seq);
    html! {
        form class="message-reactions" method="post" action=(path) {
            @for (reaction, members) in &said.reactions.0 {
                @let is_mine = viewer.is_some_and(|viewer| members.contains(&viewer));
                button type="submit" name=(if is_mine { "unreaction" } else { "reaction" })
                    value=(reaction) data-reaction=(reaction) data-count=(members.len())
                    aria-pressed=(is_mine) disabled[viewer.is_none()]
                    aria-label=(t!(language, "room-reacted", reaction = reaction, count = members.len())) {
                    (reaction) " " (members.len())
                }
            }
        }
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
