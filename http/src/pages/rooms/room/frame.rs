//! What stands around the talk of a room: its head, what one may do, who is there.

use maud::{Markup, html};
use projections::room_members::RoomMemberCard;
use projections::rooms::RoomCard;
use uuid::Uuid;

use super::Shown;
use crate::components::{Author, author, avatar, confirm, icon, present};
use crate::language::Language;
use crate::pages::rooms::order::moderation_menu;
use crate::pages::rows::in_language;
use crate::t;

impl Shown {
    pub(super) fn head(&self, language: Language, viewer: Option<Uuid>, name: &str) -> Markup {
        let card = &self.card;
        let here = format!("/rooms/{}", card.room);
        let film = film_title(language, card);
        html! {
            header class="room-head" {
                div class="room-title" {
                    h1 id="room-name" { (name) }
                    p class="room-facts" {
                        @if let (Some(film), Some(title)) = (card.film, film) {
                            a href={ "/films/" (film) } { (icon("reel")) (title) } " "
                        }
                        span class="tag room-archived" { (t!(language, "room-archived")) }
                        @if card.admission != "public" {
                            span class="tag" { (t!(language, "room-private")) }
                        }
                        span id="slow-mode" class="tag" hidden[card.slow_mode_seconds == 0] {
                            (slow_mode(language, card.slow_mode_seconds))
                        }
                        a class="room-count" href="#room-side" { (present(language, card)) }
                    }
                }
                div class="room-acts" {
                    @if viewer.is_some() && self.verdicts.ban().is_none() {
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
                    form class="room-search room-days" method="get" action=(here) {
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

    pub(super) fn side(&self, language: Language, viewer: Option<Uuid>) -> Markup {
        let card = &self.card;
        let (here, away): (Vec<_>, Vec<_>) = self.members.iter().partition(|row| row.present);
        html! {
            aside id="room-side" class="room-side" {
                a class="room-side-close" href="#room" aria-label=(t!(language, "close")) { "×" }
                p id="room-description" class="room-description" {
                    (card.description.as_deref().unwrap_or_default())
                }
                h2 {
                    (t!(language, "room-here")) " "
                    span id="present-count" { (card.present) }
                }
                ul id="present" class="room-members" {
                    @for row in here { (member_row(language, card, viewer, row)) }
                }
                div id="room-away" hidden[away.is_empty()] {
                    h2 { (t!(language, "room-away")) }
                    ul id="away" class="room-members" {
                        @for row in away { (member_row(language, card, viewer, row)) }
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
}

/// A member of a room, with what who keeps order may do.
pub fn member_row(
    language: Language,
    card: &RoomCard,
    viewer: Option<Uuid>,
    row: &RoomMemberCard,
) -> Markup {
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
            @if card.keeps_order() && viewer != Some(row.member) {
                (moderation_menu(language, card, row))
            }
        }
    }
}

/// In minutes where they are whole.
fn slow_mode(language: Language, seconds: i32) -> String {
    match seconds % 60 {
        0 => t!(language, "room-slow-mode-minutes", count = seconds / 60),
        _ => t!(language, "room-slow-mode-on", count = seconds),
    }
}

fn film_title(language: Language, card: &RoomCard) -> Option<&str> {
    let (en, ko) = (card.title_en.as_deref()?, card.title_ko.as_deref()?);
    Some(in_language(language, en, ko))
}
