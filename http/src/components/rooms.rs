//! Rooms in lists: what they are about, how many are there, who, and what is unread.

use maud::{Markup, html};
use projections::rooms::RoomCard;

use crate::components::{avatar, time};
use crate::language::Language;
use crate::t;

/// What a room is called; a forgotten name has a stand-in.
pub fn room_name(language: Language, name: Option<&str>) -> String {
    name.map_or_else(|| t!(language, "room-nameless"), str::to_owned)
}

/// `with_film`: also what each is about.
pub fn room_cards(language: Language, rooms: &[RoomCard], with_film: bool) -> Markup {
    html! {
        ul class="rooms" { @for room in rooms { (card(language, room, with_film)) } }
    }
}

fn card(language: Language, room: &RoomCard, with_film: bool) -> Markup {
    let film = match language {
        Language::En => room.title_en.as_deref(),
        Language::Ko => room.title_ko.as_deref(),
    };
    html! {
        li class="room-card" data-archived[room.archived] {
            div class="room-card-text" {
                h3 { a href={ "/rooms/" (room.room) } { (room_name(language, room.name.as_deref())) } }
                p class="room-card-facts" {
                    @if let Some(film) = film.filter(|_| with_film) {
                        span class="room-card-film" { (film) } " · "
                    }
                    @if room.archived { (t!(language, "room-archived")) " · " }
                    @if room.admission != "public" { (t!(language, "room-private")) " · " }
                    (t!(language, "room-messages", count = room.messages)) " · "
                    (time(language, room.active_at))
                }
                @if let Some(description) = room.description.as_deref().filter(|text| !text.is_empty()) {
                    p class="room-card-description" { (description) }
                }
                @if let Some(names) = who_is_there(language, room) {
                    p class="room-card-here" { (names) }
                }
            }
            div class="room-card-side" {
                @if let Some(unread) = room.unread().filter(|unread| *unread > 0) {
                    span class="unread" {
                        span aria-hidden="true" { (unread) }
                        span class="visually-hidden" { (t!(language, "room-unread", count = unread)) }
                    }
                }
                (present(language, room))
            }
        }
    }
}

/// In a list so many are named.
const NAMED: usize = 3;

/// Some by name, and how many others.
fn who_is_there(language: Language, room: &RoomCard) -> Option<String> {
    let here = room.here.0.iter();
    let names: Vec<&str> = here
        .filter_map(|here| here.name.as_deref())
        .take(NAMED)
        .collect();
    if names.is_empty() {
        return None;
    }
    let others = room.present - i64::try_from(names.len()).unwrap_or(i64::MAX);
    let names = names.join(", ");
    Some(match others {
        ..=0 => names,
        others => t!(language, "room-here-and", names = names, count = others),
    })
}

/// How many are there, with some of their faces.
pub fn present(language: Language, room: &RoomCard) -> Markup {
    html! {
        span class="present" data-empty[room.present == 0] {
            span class="faces" aria-hidden="true" {
                @for here in room.here.0.iter().take(4) { (avatar(here.name.as_deref())) }
            }
            span class="present-text" { (t!(language, "room-present", count = room.present)) }
        }
    }
}
