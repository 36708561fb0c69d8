//! What a member's ratings say about their taste: genres, decades, people.

use std::collections::BTreeMap;

use domain::film::Person;
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::recommender::LEAST_HALF_STARS;

/// Rated films that are looked at, the newest.
const MOST_FILMS: i64 = 10_000;
/// People that are told, those of whom the member likes most films.
const MOST_PEOPLE: usize = 12;
/// One film says nothing about a person.
const LEAST_FILMS: u32 = 2;

/// What a member rates and likes. All lists begin with the largest share, the decades
/// with the earliest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taste {
    pub all: Count,
    /// By slug.
    pub genres: Vec<(String, Count)>,
    /// By the first year; the decades between are there, too.
    pub decades: Vec<(i16, Count)>,
    pub people: Vec<(Person, Count)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub rated: u32,
    pub liked: u32,
    /// Sum of the ratings.
    pub half_stars: u32,
}

impl Count {
    /// In stars.
    pub fn average(self) -> Option<f64> {
        (self.rated > 0).then(|| f64::from(self.half_stars) / 2.0 / f64::from(self.rated))
    }

    fn add(&mut self, half_stars: i16) {
        let half_stars = u32::try_from(half_stars).unwrap_or_default();
        self.rated += 1;
        self.liked += u32::from(half_stars >= u32::from(LEAST_HALF_STARS));
        self.half_stars += half_stars;
    }
}

/// A rated film.
#[derive(Clone, Debug, sqlx::FromRow)]
struct Film {
    half_stars: i16,
    year: Option<i16>,
    genres: Json<Vec<String>>,
    directors: Json<Vec<Person>>,
    actors: Json<Vec<Person>>,
}

pub async fn of_member(connection: &mut PgConnection, member: Uuid) -> sqlx::Result<Taste> {
    let films: Vec<Film> = sqlx::query_as(
        "select o.half_stars, f.year, f.genres, f.directors, f.actors
         from opinions o join films f using (film)
         where o.member = $1 and o.half_stars is not null
         order by o.since desc, o.film
         limit $2",
    )
    .bind(member)
    .bind(MOST_FILMS)
    .fetch_all(connection)
    .await?;
    Ok(taste(&films))
}

fn taste(films: &[Film]) -> Taste {
    let mut all = Count::default();
    let mut genres: BTreeMap<&str, Count> = BTreeMap::new();
    let mut decades: BTreeMap<i16, Count> = BTreeMap::new();
    let mut people: BTreeMap<&str, (&Person, Count)> = BTreeMap::new();
    for film in films {
        all.add(film.half_stars);
        for genre in film.genres.iter() {
            genres.entry(genre).or_default().add(film.half_stars);
        }
        if let Some(year) = film.year {
            decades
                .entry(year / 10 * 10)
                .or_default()
                .add(film.half_stars);
        }
        let mut names: Vec<&Person> = film.directors.iter().chain(film.actors.iter()).collect();
        names.sort_unstable_by(|a, b| a.en.cmp(&b.en));
        names.dedup_by(|a, b| a.en == b.en);
        for person in names {
            let of_person = people.entry(&person.en);
            let (_, count) = of_person.or_insert((person, Count::default()));
            count.add(film.half_stars);
        }
    }
    let mut people: Vec<(Person, Count)> = people
        .into_values()
        .filter(|(_, count)| count.liked >= LEAST_FILMS)
        .map(|(person, count)| (person.clone(), count))
        .collect();
    // stable: by name where counts are equal
    people.sort_by_key(|(_, count)| std::cmp::Reverse((count.liked, count.half_stars)));
    people.truncate(MOST_PEOPLE);
    let genres = genres
        .into_iter()
        .map(|(genre, count)| (genre.to_owned(), count));
    let mut genres: Vec<(String, Count)> = genres.collect();
    genres.sort_by_key(|(_, count)| std::cmp::Reverse((count.liked, count.rated)));
    Taste {
        all,
        genres,
        decades: without_holes(&decades),
        people,
    }
}

fn without_holes(decades: &BTreeMap<i16, Count>) -> Vec<(i16, Count)> {
    let (Some(first), Some(last)) = (decades.keys().next(), decades.keys().next_back()) else {
        return Vec::new();
    };
    let all = (*first..=*last).step_by(10);
    all.map(|decade| (decade, decades.get(&decade).copied().unwrap_or_default()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(half_stars: i16, year: i16, genres: &[&str], people: &[&str]) -> Film {
        let person = |name: &&str| Person {
            en: (*name).to_owned(),
            ko: None,
        };
        Film {
            half_stars,
            year: Some(year),
            genres: Json(genres.iter().map(|genre| (*genre).to_owned()).collect()),
            directors: Json(people.iter().map(person).collect()),
            actors: Json(people.iter().take(1).map(person).collect()),
        }
    }

    fn count(rated: u32, liked: u32, half_stars: u32) -> Count {
        Count {
            rated,
            liked,
            half_stars,
        }
    }

    #[test]
    fn what_is_liked_most_comes_first() {
        let taste = taste(&[
            film(9, 1962, &["drama", "war"], &["Im"]),
            film(8, 1991, &["war"], &["Im", "Bong"]),
            film(2, 1999, &["drama", "comedy"], &["Bong"]),
        ]);
        assert_eq!(taste.all, count(3, 2, 19));
        assert_eq!(taste.all.average(), Some(19.0 / 6.0));
        let genres: Vec<&str> = taste.genres.iter().map(|(genre, _)| &genre[..]).collect();
        assert_eq!(genres, ["war", "drama", "comedy"]);
        let nothing = Count::default();
        let decades = [1960, 1970, 1980, 1990].map(|decade| match decade {
            1960 => (1960, count(1, 1, 9)),
            1990 => (1990, count(2, 1, 10)),
            _ => (decade, nothing),
        });
        assert_eq!(taste.decades, decades);
        // who directs and plays counts once; one liked film of two is not enough
        assert_eq!(taste.people.len(), 1);
        assert_eq!(taste.people[0].1, count(2, 2, 17));
    }

    #[test]
    fn no_ratings_are_no_taste() {
        assert_eq!(taste(&[]), Taste::default());
    }
}
