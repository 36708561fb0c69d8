//! What was said in a room, and what one may do with each message.

use domain::Reaction;
use maud::{Markup, html};
use projections::messages::MessageCard;
use uuid::Uuid;

use super::Shown;
use crate::components::{Author, author, avatar, confirm, empty, icon};
use crate::language::Language;
use crate::layout::query_value;
use crate::{markdown, t};

/// Messages closer together, of one author, stand as one block.
const ONE_BREATH_MINUTES: i64 = 5;

impl Shown {
    pub(super) fn history(&self, language: Language, viewer: Option<Uuid>) -> Markup {
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
                @match search {
                    Some(_) => (empty(&t!(language, "room-found-nothing"))),
                    None => (empty(&t!(language, "room-quiet"))),
                }
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
        let names_me = viewer.is_some_and(|viewer| said.mentions.contains(&viewer));
        let href = format!("/members/{}", said.member);
        let who = Author {
            name: said.member_name.as_deref(),
            href: said.member_name.as_ref().map(|_| href.as_str()),
        };
        let permalink = format!("/rooms/{}?around={}#m-{}", said.room, said.seq, said.seq);
        html! {
            li class="message" id={ "m-" (said.seq) } data-seq=(said.seq) data-n=(said.n)
                data-author=(said.member) data-at=(said.posted_at.to_rfc3339())
                data-own[is_own] data-grouped[is_grouped] data-names-me[names_me]
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
                    (self.reactions(language, viewer, said))
                }
                @if viewer.is_some() && said.retracted_by.is_none() {
                    (self.message_menu(language, is_own, &said.seq.to_string()))
                }
            }
        }
    }

    /// `seq` is a message's, or what stands for it where the script draws messages.
    pub(super) fn message_menu(&self, language: Language, is_own: bool, seq: &str) -> Markup {
        let here = format!("/rooms/{}", self.card.room);
        let path = format!("{here}/messages/{seq}");
        let may_act = self.verdicts.ban().is_none();
        let reason = html! {
            input type="text" name="reason" maxlength="300"
                aria-label=(t!(language, "room-reason")) placeholder=(t!(language, "room-reason"));
        };
        html! {
            details class="menu message-menu" name="menu" {
                summary aria-label=(t!(language, "room-message-menu")) { (icon("more")) }
                div class="menu-list" {
                    @if may_act {
                        form class="react-form" method="post" action={ (path) "/reactions" } {
                            @for reaction in &Reaction::ALL[..8] {
                                button type="submit" name="reaction" value=(reaction) { (reaction) }
                            }
                        }
                        a class="reply-link" href={ (here) "?reply_to=" (seq) "#composer" }
                            data-reply=(seq) { (t!(language, "room-reply")) }
                    }
                    a href={ (here) "?around=" (seq) "#m-" (seq) } { (t!(language, "room-permalink")) }
                    @if is_own {
                        @if may_act {
                            a href={ (path) "/edit" } data-edit=(seq) { (t!(language, "edit")) }
                        }
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
                        }
                    }
                    @if self.card.keeps_order() {
                        a href={ (path) "/present" } { (t!(language, "room-who-was-here")) }
                        @if !is_own {
                            a href={ (path) "/present#author" } { (t!(language, "room-moderate")) }
                        }
                    }
                }
            }
        }
    }

    fn reactions(&self, language: Language, viewer: Option<Uuid>, said: &MessageCard) -> Markup {
        let may_act = viewer.is_some() && self.verdicts.ban().is_none();
        let path = format!("/rooms/{}/messages/{}/reactions", said.room, said.seq);
        let reactions = html! {
            @for (reaction, members) in &said.reactions.0 {
                @let is_mine = viewer.is_some_and(|viewer| members.contains(&viewer));
                button type="submit" name=(if is_mine { "unreaction" } else { "reaction" })
                    value=(reaction) data-reaction=(reaction) data-count=(members.len())
                    aria-pressed=(is_mine) disabled[!may_act]
                    aria-label=(t!(language, "room-reacted", reaction = reaction, count = members.len())) {
                    (reaction) " " (members.len())
                }
            }
        };
        html! {
            @if may_act {
                form class="message-reactions" method="post" action=(path) { (reactions) }
            } @else {
                div class="message-reactions" { (reactions) }
            }
        }
    }
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
                    div class="prose" { (markdown::render_naming(text, &said.named)) }
                }
            }
            (Some(text), _) => div class="message-body prose" {
                (markdown::render_naming(text, &said.named))
            },
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
