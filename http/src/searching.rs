//! A search over all that can be found, as the API and the pages show it; and suggestions.

use projections::films::{self, FilmCard, List, Order};
use projections::search::{
    self, Filters, FoundFilm, FoundMember, FoundPerson, FoundRoom, Guess, Place, Quality, Query,
    highlight,
};
use projections::{Page, Snapshot};

use crate::api::search::{Piece, Suggestion, SuggestionKind};
use crate::language::Language;
use crate::problem::Problem;
use crate::reading::failed;

/// Of each kind, on the first page; more are found by more of the name.
const NAMES: usize = 8;
/// Films to look at where nothing was found.
const INSTEAD: i64 = 12;
const SUGGESTIONS: usize = 8;
/// People, members and rooms beside the films that may be meant.
const SUGGESTED_NAMES: usize = 3;

pub struct Found {
    pub films: Page<FoundFilm, Place>,
    pub people: Vec<FoundPerson>,
    pub members: Vec<FoundMember>,
    pub rooms: Vec<FoundRoom>,
    /// Talked about; only if nothing was found.
    pub instead: Vec<FilmCard>,
}

impl Found {
    fn nothing() -> Found {
        Found {
            films: Page {
                items: vec![],
                next: None,
            },
            people: vec![],
            members: vec![],
            rooms: vec![],
            instead: vec![],
        }
    }

    fn is_nothing(&self) -> bool {
        self.films.items.is_empty()
            && self.people.is_empty()
            && self.members.is_empty()
            && self.rooms.is_empty()
    }
}

pub async fn search(
    snapshot: &mut Snapshot,
    typed: &str,
    filters: &Filters,
    after: Option<Place>,
    limit: i64,
) -> Result<Found, Problem> {
    let mut found = Found::nothing();
    if let Some(query) = Query::new(typed) {
        search::scan_tables(snapshot, false).await.map_err(failed)?;
        found.films = search::films(snapshot, &query, filters, after, limit)
            .await
            .map_err(failed)?;
        // filters are about films
        if after.is_none() && *filters == Filters::default() {
            let guess = guess(&found.films);
            found.people = search::people(snapshot, &query, guess, NAMES)
                .await
                .map_err(failed)?;
            found.members = search::members(snapshot, &query, guess, NAMES)
                .await
                .map_err(failed)?;
            found.rooms = search::rooms(snapshot, &query, guess, NAMES)
                .await
                .map_err(failed)?;
        }
        search::scan_tables(snapshot, true).await.map_err(failed)?;
    }
    if found.is_nothing() && after.is_none() {
        found.instead = to_look_at(snapshot).await?;
    }
    Ok(found)
}

/// A name with a wrong letter is a guess: not where films were found.
fn guess(films: &Page<FoundFilm, Place>) -> Guess {
    match films.items.is_empty() {
        true => Guess::Names,
        false => Guess::Nothing,
    }
}

/// What is talked about; on a new site, what is new.
async fn to_look_at(snapshot: &mut Snapshot) -> Result<Vec<FilmCard>, Problem> {
    let talked_about = films::list(snapshot, List::all(Order::TalkedAbout), None, INSTEAD)
        .await
        .map_err(failed)?;
    if !talked_about.items.is_empty() {
        return Ok(talked_about.items);
    }
    let newest = films::list(snapshot, List::all(Order::Newest), None, INSTEAD).await;
    Ok(newest.map_err(failed)?.items)
}

/// The best few of all kinds; of equally good ones films come first, then people.
pub async fn suggest(
    snapshot: &mut Snapshot,
    query: &Query,
    language: Language,
) -> Result<Vec<Suggestion>, Problem> {
    let limit = i64::try_from(SUGGESTIONS).unwrap_or(i64::MAX);
    search::scan_tables(snapshot, false).await.map_err(failed)?;
    let films = search::films(snapshot, query, &Filters::default(), None, limit).await;
    let films = films.map_err(failed)?;
    let guess = guess(&films);
    let people = search::people(snapshot, query, guess, SUGGESTED_NAMES).await;
    let members = search::members(snapshot, query, guess, SUGGESTED_NAMES).await;
    let rooms = search::rooms(snapshot, query, guess, SUGGESTED_NAMES).await;
    search::scan_tables(snapshot, true).await.map_err(failed)?;
    let films = films.items.into_iter();
    let films = films.map(|film| (film.quality, suggested_film(query, film, language)));
    let people = people.map_err(failed)?.into_iter();
    let people = people.map(|person| (person.quality, suggested_person(query, person, language)));
    let members = members.map_err(failed)?.into_iter();
    let members = members.map(|member| (member.quality, suggested_member(query, member)));
    let rooms = rooms.map_err(failed)?.into_iter();
    let rooms = rooms.map(|room| (room.quality, suggested_room(query, room)));
    let named = people.chain(members).chain(rooms);
    let mut all: Vec<(Quality, Suggestion)> = films.chain(named).collect();
    // stable: films stay before people, people before members, members before rooms
    all.sort_by_key(|(quality, _)| *quality);
    all.truncate(SUGGESTIONS);
    Ok(all.into_iter().map(|(_, suggestion)| suggestion).collect())
}

fn suggested_film(query: &Query, found: FoundFilm, language: Language) -> Suggestion {
    let card = found.card;
    let title = match language {
        Language::En => card.title_en,
        Language::Ko => card.title_ko,
    };
    let name = found.name.unwrap_or_else(|| title.clone());
    let year = card.year.map(|year| year.to_string());
    let other = (name != title).then_some(title);
    let detail: Vec<String> = other.into_iter().chain(year).collect();
    Suggestion {
        kind: SuggestionKind::Film,
        name: pieces(query, &name),
        detail: detail.join(" · "),
        href: format!("/films/{}", card.film),
    }
}

fn suggested_person(query: &Query, found: FoundPerson, language: Language) -> Suggestion {
    let (shown, other) = match (language, found.name_ko) {
        (Language::Ko, Some(ko)) => (ko, Some(found.name_en)),
        (_, ko) => (found.name_en, ko),
    };
    Suggestion {
        kind: SuggestionKind::Person,
        name: pieces(query, &shown),
        detail: other.unwrap_or_default(),
        href: format!("/people/{}", found.slug),
    }
}

fn suggested_member(query: &Query, found: FoundMember) -> Suggestion {
    Suggestion {
        kind: SuggestionKind::Member,
        name: pieces(query, &found.name),
        detail: String::new(),
        href: format!("/members/{}", found.member),
    }
}

fn suggested_room(query: &Query, found: FoundRoom) -> Suggestion {
    Suggestion {
        kind: SuggestionKind::Room,
        name: pieces(query, &found.name),
        detail: String::new(),
        href: format!("/rooms/{}", found.room),
    }
}

fn pieces(query: &Query, name: &str) -> Vec<Piece> {
    let pieces = highlight(query, name).into_iter();
    let piece = |piece: search::Piece| Piece {
        text: piece.text,
        is_match: piece.is_match,
    };
    pieces.map(piece).collect()
}
