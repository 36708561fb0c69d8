//! What can be searched for, with the tokens by which it is found.

use domain::film::{Fact, Listed, Person, Translated};
use domain::forgetting::Extent;
use domain::room::{self, Admission};
use domain::{Event, Genre, Sealed, film, forgetting, member};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use super::genres::names;
use super::tokens::Tokens;
use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::people;
use crate::table::table;

pub(crate) const FILM: &str = "film";
pub(crate) const PERSON: &str = "person";
pub(crate) const MEMBER: &str = "member";
pub(crate) const ROOM: &str = "room";

table! {
    /// A film, a person of films, a member, or a public room.
    pub struct Searchable in searchables {
        key { thing: Uuid, kind: String }
        /// What it is called, most wanted first.
        names: Json<Vec<String>>,
        /// As `search::tokens` makes them, with a space between two.
        tokens: String,
        /// What the tokens of a film are made of: a revision tells only what changed.
        facts: Json<Option<Facts>>,
        /// Whose word the name is: goes with them.
        named_by: Option<Uuid>,
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    title: Translated,
    original_title: String,
    year: Option<i16>,
    genres: Vec<Genre>,
    people: [Vec<Person>; 2],
    keywords: Vec<String>,
    overview: Translated,
}

impl ReadModel for Searchable {
    fn apply(happened: &Happened, searchables: &mut Changes<Searchable>) {
        match &happened.event {
            Event::Film(film::Event::Listed(listed)) => {
                searchables.put(Searchable::film(listed));
                for person in listed.facts.directors.iter().chain(&listed.facts.cast) {
                    put_person(searchables, person);
                }
            }
            Event::Film(film::Event::Revised(revised)) => {
                for fact in &revised.facts {
                    if let Fact::Directors(people) | Fact::Cast(people) = fact {
                        people
                            .iter()
                            .for_each(|person| put_person(searchables, person));
                    }
                }
                let facts = revised.facts.clone();
                searchables.patch((revised.film.0, FILM.to_owned()), move |film| {
                    film.learn(&facts);
                });
            }
            Event::Film(film::Event::Merged(merged)) => {
                searchables.remove((merged.film.0, FILM.to_owned()));
            }
            Event::Member(event) => apply_member(event, searchables),
            Event::Forgetting(forgetting::Event::Forgotten(forgotten)) => {
                let member = forgotten.member.0;
                searchables.remove((member, MEMBER.to_owned()));
                if forgotten.extent == Extent::Everything {
                    searchables.patch_where("named_by", member, Searchable::lose_name);
                }
            }
            Event::Room(event) => apply_room(event, searchables),
            Event::Reservation(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => {}
        }
    }
}

fn apply_member(event: &member::Event, searchables: &mut Changes<Searchable>) {
    match event {
        member::Event::SignedUp(signed_up) => {
            put_member(searchables, signed_up.member.0, &signed_up.name);
        }
        member::Event::Renamed(renamed) => {
            put_member(searchables, renamed.member.0, &renamed.name);
        }
        member::Event::Withdrawn(withdrawn) => {
            searchables.remove((withdrawn.member.0, MEMBER.to_owned()));
        }
        member::Event::AboutChanged(_)
        | member::Event::LanguageChosen(_)
        | member::Event::NameLetGo(_)
        | member::Event::SecondFactorSet(_)
        | member::Event::SecondFactorRemoved(_)
        | member::Event::Suspended(_)
        | member::Event::Reinstated(_)
        | member::Event::WithdrawalAsked(_)
        | member::Event::WithdrawalTakenBack(_)
        | member::Event::EmailVerified(_)
        | member::Event::EmailChanged(_)
        | member::Event::PasswordChanged(_)
        | member::Event::IdentityLinked(_)
        | member::Event::IdentityUnlinked(_)
        | member::Event::RoleGranted(_)
        | member::Event::RoleRevoked(_) => {}
    }
}

/// Who may come in never changes: a room by invitation is never found.
fn apply_room(event: &room::Event, searchables: &mut Changes<Searchable>) {
    match event {
        room::Event::Opened(opened) if opened.admission == Admission::Public => {
            let mut room = Searchable::named(ROOM, opened.room.0, []);
            room.rename(opened.member.0, opened.name.open());
            searchables.put(room);
        }
        room::Event::Renamed(renamed) => {
            let (by, name) = (renamed.by.0, renamed.name.open().cloned());
            searchables.patch_if_there((renamed.room.0, ROOM.to_owned()), move |room| {
                room.rename(by, name.as_ref());
            });
        }
        room::Event::Opened(_)
        | room::Event::Described(_)
        | room::Event::ClosingChosen(_)
        | room::Event::Archived(_)
        | room::Event::SlowModeSet(_)
        | room::Event::Reopened(_)
        | room::Event::MessagePosted(_)
        | room::Event::Entered(_)
        | room::Event::Left(_)
        | room::Event::MessageEdited(_)
        | room::Event::MessageRetracted(_)
        | room::Event::Reacted(_)
        | room::Event::Unreacted(_)
        | room::Event::Invited(_)
        | room::Event::InvitationDeclined(_)
        | room::Event::Muted(_)
        | room::Event::Unmuted(_)
        | room::Event::Removed(_)
        | room::Event::Banned(_)
        | room::Event::Unbanned(_)
        | room::Event::ModeratorAppointed(_)
        | room::Event::ModeratorDismissed(_) => {}
    }
}

/// A name that is forgotten can't be searched for.
fn put_member(
    searchables: &mut Changes<Searchable>,
    member: Uuid,
    name: &Sealed<domain::MemberName>,
) {
    match name.open() {
        Some(name) => searchables.put(Searchable::named(MEMBER, member, [name.as_str()])),
        None => searchables.remove((member, MEMBER.to_owned())),
    }
}

/// A catalogue that knows no Korean spelling takes none away.
fn put_person(searchables: &mut Changes<Searchable>, person: &Person) {
    let names = [Some(person.en.as_str()), person.ko.as_deref()];
    let first = Searchable::named(PERSON, people::id(&person.en), names.into_iter().flatten());
    let again = first.clone();
    searchables.put_or_patch(first, move |row| {
        if again.names.len() >= row.names.len() {
            *row = again;
        }
    });
}

impl Searchable {
    fn named<'a>(kind: &str, thing: Uuid, names: impl IntoIterator<Item = &'a str>) -> Searchable {
        let mut tokens = Tokens::default();
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        names.iter().for_each(|name| tokens.name(name));
        Searchable {
            kind: kind.to_owned(),
            thing,
            names: Json(names),
            tokens: tokens.stored(),
            facts: Json(None),
            named_by: None,
        }
    }

    fn rename(&mut self, by: Uuid, name: Option<&domain::RoomName>) {
        self.lose_name();
        self.named_by = Some(by);
        let Some(name) = name else { return };
        let mut tokens = Tokens::default();
        tokens.name(name.as_str());
        self.tokens = tokens.stored();
        self.names = Json(vec![name.as_str().to_owned()]);
    }

    fn lose_name(&mut self) {
        self.names = Json(vec![]);
        self.tokens = String::new();
    }

    fn film(listed: &Listed) -> Searchable {
        let mut film = Searchable::named(FILM, listed.film.0, []);
        film.learn(&listed.facts.all());
        film
    }

    fn learn(&mut self, told: &[Fact]) {
        let mut facts = self.facts.take().unwrap_or_default();
        told.iter().cloned().for_each(|fact| facts.set(fact));
        self.names = Json(titles(&facts.title, &facts.original_title));
        self.tokens = facts.tokens(&self.names).stored();
        self.facts = Json(Some(facts));
    }
}

/// What a film is called, most wanted first.
pub(super) fn titles(title: &Translated, original: &str) -> Vec<String> {
    let (en, ko) = (title.en.clone(), title.ko.clone());
    let mut titles: Vec<String> = [en, ko].into_iter().flatten().collect();
    if !titles.iter().any(|title| title == original) {
        titles.push(original.to_owned());
    }
    titles
}

impl Facts {
    fn set(&mut self, fact: Fact) {
        match fact {
            Fact::Title(title) => self.title = title,
            Fact::OriginalTitle(title) => self.original_title = title,
            Fact::Year(year) => self.year = year,
            Fact::Genres(genres) => self.genres = genres,
            Fact::Directors(people) => self.people[0] = people,
            Fact::Cast(people) => self.people[1] = people,
            Fact::Keywords(keywords) => self.keywords = keywords,
            Fact::Overview(overview) => self.overview = overview,
            Fact::RuntimeMin(_)
            | Fact::Countries(_)
            | Fact::Language(_)
            | Fact::Tmdb(_)
            | Fact::Imdb(_)
            | Fact::Votes(_)
            | Fact::Poster(_)
            | Fact::Backdrop(_)
            | Fact::Trailer(_) => {}
        }
    }

    fn tokens(&self, titles: &[String]) -> Tokens {
        let mut tokens = Tokens::default();
        titles.iter().for_each(|title| tokens.name(title));
        for person in self.people.iter().flatten() {
            tokens.part_of_name(&person.en);
            person.ko.iter().for_each(|name| tokens.part_of_name(name));
        }
        for genre in &self.genres {
            names(*genre).iter().for_each(|name| tokens.fact(name));
            tokens.filter(genre.slug());
        }
        if let Some(year) = self.year {
            tokens.fact(&year.to_string());
            tokens.filter(&year.to_string());
            tokens.filter(&(year / 10).to_string());
        }
        let texts = [&self.overview.en, &self.overview.ko].into_iter().flatten();
        texts.for_each(|text| tokens.text(text));
        self.keywords.iter().for_each(|word| tokens.text(word));
        tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn film(rows: &[Searchable]) -> &Searchable {
        rows.iter().find(|row| row.kind == FILM).unwrap()
    }

    fn has(row: &Searchable, token: &str) -> bool {
        row.tokens.split(' ').any(|one| one == token)
    }

    #[test]
    fn a_film_is_found_by_what_is_known_of_it() {
        let rows: Vec<Searchable> = given(vec![listed()]);
        let film = film(&rows);
        assert_eq!(film.names.0, ["Parasite", "기생충"]);
        for token in [
            "=parasite",
            "=ᄀᄉᄎ",
            "<ㄱ",
            "생",
            "@thriller",
            "@201",
            "#2019",
            "~families",
        ] {
            assert!(has(film, token), "{token}: {}", film.tokens);
        }
    }

    #[test]
    fn a_revised_film_keeps_what_was_not_revised() {
        let facts = vec![
            Fact::Year(Some(2020)),
            Fact::Directors(vec![Person {
                en: "Bong Joon-ho".to_owned(),
                ko: Some("봉준호".to_owned()),
            }]),
        ];
        let rows: Vec<Searchable> = given(vec![listed(), revised(facts)]);
        let film = film(&rows);
        assert!(has(film, "=parasite") && has(film, "@2020") && !has(film, "@2019"));
        assert!(has(film, "bon"));
        let person = rows.iter().find(|row| row.kind == PERSON).unwrap();
        assert_eq!(person.names.0, ["Bong Joon-ho", "봉준호"]);
    }

    #[test]
    fn a_persons_korean_name_stays_known() {
        let person = |ko: Option<&str>| Person {
            en: "Bong Joon-ho".to_owned(),
            ko: ko.map(str::to_owned),
        };
        let told = |ko| revised(vec![Fact::Directors(vec![person(ko)])]);
        let rows: Vec<Searchable> = given(vec![listed(), told(Some("봉준호")), told(None)]);
        let person = rows.iter().find(|row| row.kind == PERSON).unwrap();
        assert_eq!(person.names.0, ["Bong Joon-ho", "봉준호"]);
    }

    #[test]
    fn a_former_member_is_not_found() {
        let rows: Vec<Searchable> = given(vec![signed_up()]);
        assert_eq!(rows[0].names.0, ["Ann"]);
        let gone = member::Withdrawn { member: ANN };
        let rows: Vec<Searchable> = given(vec![signed_up(), gone.into()]);
        assert_eq!(rows, []);
    }
}
