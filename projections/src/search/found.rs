//! The searches. Each looks at a bounded number of candidates, so that a single letter costs no
//! more than a whole title.

mod named;

use std::collections::{HashMap, HashSet};

use domain::Genre;
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

pub use self::named::{FoundMember, FoundPerson, FoundRoom, Guess, members, people, rooms};
use super::quality::Quality;
use super::query::Query;
use super::searchables::titles;
use super::standings::Standing;
use super::tokens::lexeme;
use crate::films::{self, FilmCard};
use crate::page::{Page, page};

/// Films that match by their tokens, first by those of their names. Of more than these only the ones
/// that are talked about most are looked at besides.
const CANDIDATES: i64 = 400;
/// The films talked about most, which a search for much looks through.
const WALKED: i64 = 600;
/// With fewer matches, those with a wrong letter are looked for, too.
const FEW: usize = 10;
const MISSPELT: i64 = 100;
/// Years that a filter can name.
const YEARS: std::ops::RangeInclusive<i16> = 1870..=2100;

/// Which films are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Filters {
    pub genre: Option<Genre>,
    pub from: Option<i16>,
    pub to: Option<i16>,
    /// On average at least so many stars.
    pub stars: Option<f64>,
}

/// A film that was found.
#[derive(Clone, Debug)]
pub struct FoundFilm {
    pub card: FilmCard,
    pub quality: Quality,
    /// The name that matched.
    pub name: Option<String>,
}

/// Where a page of films ends: quality, standing, film.
pub type Place = (u8, f64, Uuid);

/// What may match, before its names are looked at.
#[derive(sqlx::FromRow)]
struct Candidate {
    thing: Uuid,
    names: Json<Vec<String>>,
    /// Films' standing; of people, their films.
    weight: f64,
    /// It has the stars that are wanted.
    fits: bool,
}

struct Ranked {
    thing: Uuid,
    quality: Quality,
    weight: f64,
    name: Option<String>,
    names: Vec<String>,
    fits: bool,
}

impl Ranked {
    fn place(&self) -> Place {
        (self.quality as u8, self.weight, self.thing)
    }

    /// Whether it may be on a page that begins there.
    fn is_behind(&self, after: Option<Place>) -> bool {
        self.fits && after.is_none_or(|after| order(&self.place(), &after).is_gt())
    }
}

/// The order of what was found.
fn order(a: &Place, b: &Place) -> std::cmp::Ordering {
    (a.0.cmp(&b.0))
        .then(b.1.total_cmp(&a.1))
        .then(a.2.cmp(&b.2))
}

/// Films, the best matches first; `after` is where the page before ended.
pub async fn films(
    connection: &mut PgConnection,
    query: &Query,
    filters: &Filters,
    after: Option<Place>,
    limit: i64,
) -> sqlx::Result<Page<FoundFilm, Place>> {
    let most = usize::try_from(limit).unwrap_or(0);
    let mut found = matches(connection, query, filters, (after, most)).await?;
    found.retain(|one| one.is_behind(after));
    found.sort_by(|a, b| order(&a.place(), &b.place()));
    found.truncate(most + 1);
    let page = page(found, limit, Ranked::place);
    let ids: Vec<Uuid> = page.items.iter().map(|one| one.thing).collect();
    let mut cards: HashMap<Uuid, FilmCard> = (films::cards(connection, &ids).await?.into_iter())
        .map(|card| (card.film, card))
        .collect();
    let found = |one: Ranked| {
        Some(FoundFilm {
            card: cards.remove(&one.thing)?,
            quality: one.quality,
            name: one.name,
        })
    };
    Ok(Page {
        items: page.items.into_iter().filter_map(found).collect(),
        next: page.next,
    })
}

/// Films that match, those of the page among them; some come after it, or were before.
async fn matches(
    connection: &mut PgConnection,
    query: &Query,
    filters: &Filters,
    (after, limit): (Option<Place>, usize),
) -> sqlx::Result<Vec<Ranked>> {
    let filter = filters.tokens();
    let exact = format!("{}{filter}", query.exact());
    let exact = matching(connection, (&exact, CANDIDATES), filters).await?;
    let mut found = rank(query, exact);
    let is_short = query.is_short();
    if is_short {
        add(&mut found, talked_about(connection, query, filters).await?);
        // what is called so is there, and of what begins so that which is talked about most
        let begins = |one: &&Ranked| one.quality <= Quality::Beginning && one.is_behind(after);
        if found.iter().filter(begins).count() > limit {
            return Ok(found);
        }
    }
    let named = format!("({}){filter}", query.named());
    let named = matching(connection, (&named, CANDIDATES), filters).await?;
    let are_many = named.len() >= usize::try_from(CANDIDATES).unwrap_or(usize::MAX);
    add(&mut found, rank(query, named));
    // whatever is rated is talked about: the candidates may be others
    if !is_short && (are_many || filters.stars.is_some()) {
        add(&mut found, talked_about(connection, query, filters).await?);
    }
    if !are_many {
        // by what else is known of them, where names alone are not so many
        let parts = format!("({}){filter}", query.parts());
        let elsewhere = matching(connection, (&parts, CANDIDATES), filters).await?;
        add(&mut found, rank(query, elsewhere));
    }
    // what is there is not looked for with a wrong letter, whatever stars it has
    if let Some(misspelt) = query.misspelt().filter(|_| found.len() < FEW) {
        let misspelt = format!("({misspelt}){filter}");
        let candidates = matching(connection, (&misspelt, MISSPELT), filters).await?;
        add(&mut found, candidates.into_iter().map(misspelt_one));
    }
    Ok(found)
}

/// Whether the queries that follow in the snapshot may read tables from their start. A search
/// wants a few of many matches, which makes that look cheap; where the matches are rarer than they
/// look, all of a table is read. So not while one searches.
pub async fn scan_tables(connection: &mut PgConnection, may: bool) -> sqlx::Result<()> {
    let sql = match may {
        true => "set local enable_seqscan = on",
        false => "set local enable_seqscan = off",
    };
    sqlx::query(sql).execute(connection).await?;
    Ok(())
}

/// Every candidate once, as good as it is; what no name matches was found elsewhere.
fn rank(query: &Query, candidates: Vec<Candidate>) -> Vec<Ranked> {
    let mut ranked = Vec::with_capacity(candidates.len());
    add(
        &mut ranked,
        candidates.into_iter().map(|candidate| {
            let best = Quality::best(query, &candidate.names);
            Ranked {
                thing: candidate.thing,
                quality: best.map_or(Quality::Elsewhere, |(quality, _)| quality),
                weight: candidate.weight,
                name: best.map(|(_, nth)| candidate.names[nth].clone()),
                names: candidate.names.0,
                fits: candidate.fits,
            }
        }),
    );
    ranked
}

fn misspelt_one(candidate: Candidate) -> Ranked {
    Ranked {
        thing: candidate.thing,
        quality: Quality::Misspelt,
        weight: candidate.weight,
        name: None,
        names: candidate.names.0,
        fits: candidate.fits,
    }
}

fn add(found: &mut Vec<Ranked>, more: impl IntoIterator<Item = Ranked>) {
    let mut known: HashSet<Uuid> = found.iter().map(|one| one.thing).collect();
    found.extend(more.into_iter().filter(|one| known.insert(one.thing)));
}

/// Of the films that are talked about most, those whose names match.
async fn talked_about(
    connection: &mut PgConnection,
    query: &Query,
    filters: &Filters,
) -> sqlx::Result<Vec<Ranked>> {
    let walked = walk(connection, filters).await?;
    let mut walked = rank(query, walked.into_iter().map(Candidate::from).collect());
    walked.retain(|one| one.quality < Quality::Elsewhere);
    Ok(walked)
}

/// The films that are talked about most, whatever they are called.
async fn walk(connection: &mut PgConnection, filters: &Filters) -> sqlx::Result<Vec<Standing>> {
    sqlx::query_as(
        "select t.*
         from (select * from standings order by standing desc, film limit $1) t
         where ($2::text is null and $3::smallint is null and $4::smallint is null
                or exists (select from films f
                           where f.film = t.film
                             and ($2::text is null or f.genres ? $2)
                             and ($3::smallint is null or f.year >= $3)
                             and ($4::smallint is null or f.year <= $4)))
           and ($5::float8 is null
                or exists (select from film_ratings r
                           where r.film = t.film and r.ratings > 0
                             and r.total >= $5 * 2 * r.ratings))",
    )
    .bind(WALKED)
    .bind(filters.genre.map(Genre::slug))
    .bind(filters.from)
    .bind(filters.to)
    .bind(filters.stars)
    .fetch_all(connection)
    .await
}

impl From<Standing> for Candidate {
    fn from(film: Standing) -> Candidate {
        Candidate {
            thing: film.film,
            names: Json(titles(&film.title, &film.original_title)),
            weight: film.standing,
            fits: true,
        }
    }
}

async fn matching(
    connection: &mut PgConnection,
    (tsquery, limit): (&str, i64),
    filters: &Filters,
) -> sqlx::Result<Vec<Candidate>> {
    // the standing is looked up for each candidate: a join could read all of them
    sqlx::query_as(
        "select c.thing, c.names, t.standing as weight,
                $3::float8 is null
                or exists (select from film_ratings r
                           where r.film = c.thing and r.ratings > 0
                             and r.total >= $3 * 2 * r.ratings) as fits
         from (select thing, names from searchables
               where kind = 'film'
                 and lexemes @@ $1::tsquery
               limit $2) c
         join lateral (select standing from standings where film = c.thing limit 1) t on true",
    )
    .bind(tsquery)
    .bind(limit)
    .bind(filters.stars)
    .fetch_all(connection)
    .await
}

impl Filters {
    /// To be added to a `tsquery`.
    fn tokens(&self) -> String {
        let genre = self
            .genre
            .map(|genre| lexeme(&format!("@{}", genre.slug())));
        let tokens: Vec<String> = genre.into_iter().chain(self.years()).collect();
        tokens.iter().map(|token| format!(" & {token}")).collect()
    }

    /// Whole decades are one token each.
    fn years(&self) -> Option<String> {
        if self.from.is_none() && self.to.is_none() {
            return None;
        }
        let from = self.from.unwrap_or(*YEARS.start()).max(*YEARS.start());
        let to = self.to.unwrap_or(*YEARS.end()).min(*YEARS.end());
        let mut tokens = Vec::new();
        let mut year = from;
        while year <= to {
            let is_decade = year % 10 == 0 && year + 9 <= to;
            let named = if is_decade { year / 10 } else { year };
            tokens.push(lexeme(&format!("@{named}")));
            year += if is_decade { 10 } else { 1 };
        }
        // no year at all is before the last and after the first
        if tokens.is_empty() {
            tokens.push(lexeme("@never"));
        }
        Some(format!("({})", tokens.join(" | ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_of_years_names_decades_where_it_can() {
        let filters = |from, to| Filters {
            from,
            to,
            ..Filters::default()
        };
        let years = |from, to| filters(from, to).tokens();
        assert_eq!(years(None, None), "");
        assert_eq!(years(Some(1999), Some(1999)), " & ('@1999')");
        assert_eq!(
            years(Some(1988), Some(2001)),
            " & ('@1988' | '@1989' | '@199' | '@2000' | '@2001')"
        );
        assert_eq!(years(Some(2000), Some(1990)), " & ('@never')");
        assert!(years(None, Some(1890)).starts_with(" & ('@187' | '@188' | '@1890')"));
        let genre = Filters {
            genre: Some(Genre::ScienceFiction),
            ..Filters::default()
        };
        assert_eq!(genre.tokens(), " & '@science-fiction'");
    }
}
