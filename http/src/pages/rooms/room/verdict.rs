//! What somebody is told who may not talk in a room, or not be there: until when, and why.

use maud::{Markup, html};
use projections::room_verdicts::RoomVerdict;

use crate::language::Language;
use crate::t;

/// In the place where one would write.
pub fn banned(language: Language, ban: &RoomVerdict, text: &str) -> Markup {
    html! {
        div class="composer-closed" {
            p class="room-status" role="status" {
                (t!(language, "problem-banned")) " " (why(language, ban))
            }
            // it can't be said here, and is not lost
            @if !text.is_empty() {
                textarea rows="2" readonly aria-label=(t!(language, "room-write")) { "\n" (text) }
            }
        }
    }
}

/// To who has come again, or may.
pub fn removed(language: Language, removal: &RoomVerdict) -> Markup {
    html! {
        p class="room-status" role="status" {
            (t!(language, "room-js-removed")) " " (why(language, removal))
        }
    }
}

/// Behind what it is about, as the script says it, too.
pub fn why(language: Language, verdict: &RoomVerdict) -> Markup {
    let until = t!(language, "room-js-until");
    let (before, after) = until.split_once("{time}").unwrap_or((until.as_str(), ""));
    let reason = verdict.reason.as_deref().map(|reason| {
        let because = t!(language, "room-js-reason");
        because.replace("{reason}", reason)
    });
    html! {
        @if let Some(ends_at) = verdict.ends_at {
            "· " (before)
            time datetime=(ends_at.format("%Y-%m-%dT%H:%M:%SZ")) data-exact {
                (language.moment(ends_at))
            }
            (after) " "
        }
        @if let Some(reason) = reason { "· " (reason) }
    }
}
