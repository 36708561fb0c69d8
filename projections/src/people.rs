//! People of films: who directed what, and who acted in it.

use domain::film::{Fact, Person};
use domain::{Event, FilmId, film};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::films::FilmCard;
use crate::model::{Happened, ReadModel};
use crate::search::fold;
use crate::table::table;

/// Fixed for ever: another namespace would be another id for everybody.
const PEOPLE: Uuid = Uuid::from_u128(0x3d0f_9a54_7c1e_4b7b_9c55_2f8e_61a0_d7c3);
const CREDITS: Uuid = Uuid::from_u128(0x8a6c_14f2_05be_4d0c_8f6e_90b1_3a77_e25d);

/// Films on a person's page; who has more shows the newest.
const MAX_FILMS: i64 = 300;

table! {
    /// A person worked on a film. Catalogues give names, no ids: namesakes are one person here.
    pub struct Credit in credits {
        key { person: Uuid, credit: Uuid }
        film: Uuid,
        directed: bool,
        slug: String,
        name_en: String,
        name_ko: Option<String>,
    }
}

impl ReadModel for Credit {
    fn apply(happened: &Happened, credits: &mut Changes<Credit>) {
        match &happened.event {
            Event::Film(film::Event::Listed(listed)) => {
                put(credits, listed.film, true, &listed.facts.directors);
                put(credits, listed.film, false, &listed.facts.cast);
            }
            Event::Film(film::Event::Revised(revised)) => {
                for fact in &revised.facts {
                    match fact {
                        Fact::Directors(people) => replace(credits, revised.film, true, people),
                        Fact::Cast(people) => replace(credits, revised.film, false, people),
                        _ => {}
                    }
                }
            }
            Event::Film(film::Event::Merged(merged)) => {
                for directed in [true, false] {
                    credits.remove_where("credit", credit(merged.film, directed));
                }
            }
            Event::Reservation(_)
            | Event::Forgetting(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => {}
        }
    }
}

fn replace(credits: &mut Changes<Credit>, film: FilmId, directed: bool, people: &[Person]) {
    credits.remove_where("credit", credit(film, directed));
    put(credits, film, directed, people);
}

fn put(credits: &mut Changes<Credit>, film: FilmId, directed: bool, people: &[Person]) {
    for person in people {
        credits.put(Credit {
            person: id(&person.en),
            credit: credit(film, directed),
            film: film.0,
            directed,
            slug: slug(&person.en),
            name_en: person.en.clone(),
            name_ko: person.ko.clone(),
        });
    }
}

/// All who did one kind of work on one film.
fn credit(film: FilmId, directed: bool) -> Uuid {
    let name = [film.0.as_bytes().as_slice(), &[u8::from(directed)]].concat();
    Uuid::new_v5(&CREDITS, &name)
}

/// A name in an address: `bong-joon-ho`.
pub fn slug(name: &str) -> String {
    fold::words(name).join("-")
}

/// Who is called so, in any spelling of accents, signs and case.
pub fn id(name: &str) -> Uuid {
    Uuid::new_v5(&PEOPLE, slug(name).as_bytes())
}

/// A person with their films, newest first.
#[derive(Clone, Debug)]
pub struct Filmography {
    pub name_en: String,
    pub name_ko: Option<String>,
    pub directed: Vec<FilmCard>,
    pub acted: Vec<FilmCard>,
}

#[derive(sqlx::FromRow)]
struct Row {
    name_en: String,
    name_ko: Option<String>,
    directed: bool,
    #[sqlx(flatten)]
    film: FilmCard,
}

/// `None`: nobody of that name has worked on a film.
pub async fn by_slug(
    connection: &mut PgConnection,
    slug: &str,
) -> sqlx::Result<Option<Filmography>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select c.name_en, c.name_ko, c.directed,
                f.film, f.position, f.title_en, f.title_ko, f.year, f.genres, f.poster,
                coalesce(r.ratings, 0) as ratings, coalesce(r.total, 0) as total,
                coalesce(h.heat, 0) as heat
         from credits c
         join films f using (film)
         left join film_ratings r using (film)
         left join film_heat h using (film)
         where c.person = $1
         order by f.year desc nulls last, f.film
         limit $2",
    )
    .bind(id(slug))
    .bind(MAX_FILMS)
    .fetch_all(connection)
    .await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let name_en = first.name_en.clone();
    let name_ko = rows.iter().find_map(|row| row.name_ko.clone());
    let (directed, acted): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.directed);
    let films = |rows: Vec<Row>| rows.into_iter().map(|row| row.film).collect();
    Ok(Some(Filmography {
        name_en,
        name_ko,
        directed: films(directed),
        acted: films(acted),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn named(en: &str) -> Person {
        Person {
            en: en.to_owned(),
            ko: None,
        }
    }

    #[test]
    fn a_revision_replaces_one_kind_of_credits() {
        let first = vec![
            Fact::Directors(vec![named("Bong Joon-ho")]),
            Fact::Cast(vec![named("Song Kang-ho"), named("Cho Yeo-jeong")]),
        ];
        let then = vec![Fact::Cast(vec![named("Song Kang-ho")])];
        let rows: Vec<Credit> = given(vec![listed(), revised(first), revised(then)]);
        let mut credits: Vec<(&str, bool)> = rows
            .iter()
            .map(|row| (row.slug.as_str(), row.directed))
            .collect();
        credits.sort_unstable();
        assert_eq!(credits, [("bong-joon-ho", true), ("song-kang-ho", false)]);
    }

    #[test]
    fn a_person_is_the_same_in_every_spelling() {
        assert_eq!(slug("Jean-Pierre Jeunet"), "jean-pierre-jeunet");
        assert_eq!(id("Agnès Varda"), id("agnes-varda"));
        assert_ne!(id("Agnès Varda"), id("Agnes Vard"));
    }
}
