//! What is found by its names alone: people of films, members, public rooms.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::{Candidate, Ranked, add, misspelt_one, order, rank};
use crate::search::quality::Quality;
use crate::search::query::Query;

/// So many that match by their tokens; more are not looked at.
const NAMES: i64 = 200;

#[derive(Clone, Debug)]
pub struct FoundPerson {
    pub slug: String,
    pub name_en: String,
    pub name_ko: Option<String>,
    pub films: i64,
    pub quality: Quality,
}

#[derive(Clone, Debug)]
pub struct FoundMember {
    pub member: Uuid,
    pub name: String,
    pub quality: Quality,
}

#[derive(Clone, Debug)]
pub struct FoundRoom {
    pub room: Uuid,
    pub name: String,
    pub quality: Quality,
}

/// Whether names with a wrong letter are looked for where none is without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    Names,
    /// Something else was found.
    Nothing,
}

/// A kind of things among those that can be searched, and what puts one in front of another that
/// matches as well.
struct Kind {
    name: &'static str,
    weight: &'static str,
    /// Of a candidate `c`; joins what the weight is taken from.
    join: &'static str,
}

const PERSON: Kind = Kind {
    name: "person",
    weight: "f.films",
    join: "join lateral (select count(distinct film) as films from credits
                         where person = c.thing) f on f.films > 0",
};
const MEMBER: Kind = Kind {
    name: "member",
    weight: "0",
    join: "",
};
const ROOM: Kind = Kind {
    name: "room",
    weight: "r.messages",
    join: "join lateral (select messages from rooms where room = c.thing limit 1) r on true",
};

/// People of films, the best matches first, then those with the most films.
pub async fn people(
    connection: &mut PgConnection,
    query: &Query,
    guess: Guess,
    limit: usize,
) -> sqlx::Result<Vec<FoundPerson>> {
    let found = named(connection, (query, guess), &PERSON, limit).await?;
    let person = |one: Ranked| {
        let mut names = one.names.into_iter();
        let name_en = names.next().unwrap_or_default();
        FoundPerson {
            slug: crate::people::slug(&name_en),
            name_en,
            name_ko: names.next(),
            films: one.weight as i64,
            quality: one.quality,
        }
    };
    Ok(found.into_iter().map(person).collect())
}

/// Members, the best matches first.
pub async fn members(
    connection: &mut PgConnection,
    query: &Query,
    guess: Guess,
    limit: usize,
) -> sqlx::Result<Vec<FoundMember>> {
    let found = named(connection, (query, guess), &MEMBER, limit).await?;
    let member = |one: Ranked| FoundMember {
        member: one.thing,
        name: one.names.into_iter().next().unwrap_or_default(),
        quality: one.quality,
    };
    Ok(found.into_iter().map(member).collect())
}

/// Public rooms, the best matches first, then those in which most was said.
pub async fn rooms(
    connection: &mut PgConnection,
    query: &Query,
    guess: Guess,
    limit: usize,
) -> sqlx::Result<Vec<FoundRoom>> {
    let found = named(connection, (query, guess), &ROOM, limit).await?;
    let room = |one: Ranked| FoundRoom {
        room: one.thing,
        name: one.names.into_iter().next().unwrap_or_default(),
        quality: one.quality,
    };
    Ok(found.into_iter().map(room).collect())
}

impl Kind {
    /// Those that match the query `$tsquery`, at most `$limit`.
    fn matching(&self, tsquery: u8, limit: u8) -> String {
        let name = self.name;
        format!(
            "select thing, names from searchables
             where kind = '{name}' and lexemes @@ ${tsquery}::tsquery limit ${limit}"
        )
    }

    fn weighed(&self, candidates: &str) -> String {
        let Kind { weight, join, .. } = self;
        format!(
            "select c.thing, c.names, {weight}::float8 as weight, true as fits
             from ({candidates}) c {join}"
        )
    }
}

/// What is called so; where nothing is, and that is wanted, with a wrong letter.
async fn named(
    connection: &mut PgConnection,
    (query, guess): (&Query, Guess),
    kind: &Kind,
    limit: usize,
) -> sqlx::Result<Vec<Ranked>> {
    let candidates = format!(
        "({}) union all ({})",
        kind.matching(1, 3),
        kind.matching(2, 3)
    );
    let found: Vec<Candidate> = sqlx::query_as(AssertSqlSafe(kind.weighed(&candidates)))
        .bind(query.exact())
        .bind(query.parts())
        .bind(NAMES)
        .fetch_all(&mut *connection)
        .await?;
    let mut found = rank(query, found);
    found.retain(|one| one.quality < Quality::Elsewhere);
    if let Some(tsquery) = query
        .misspelt()
        .filter(|_| guess == Guess::Names && found.is_empty())
    {
        let misspelt = kind.matching(1, 2);
        let candidates: Vec<Candidate> = sqlx::query_as(AssertSqlSafe(kind.weighed(&misspelt)))
            .bind(tsquery)
            .bind(NAMES)
            .fetch_all(&mut *connection)
            .await?;
        add(&mut found, candidates.into_iter().map(misspelt_one));
    }
    found.sort_by(|a, b| order(&a.place(), &b.place()));
    found.truncate(limit);
    Ok(found)
}
