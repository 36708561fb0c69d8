//! What is found by its names alone: people of films, members, public rooms.

use std::collections::HashMap;

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
    /// What `$1` of them weigh; what has no weight is not found. `None`: all the same.
    weights: Option<&'static str>,
}

const PERSON: Kind = Kind {
    name: "person",
    weights: Some(
        "select person, count(distinct film)::float8 from credits
         where person = any ($1) group by person",
    ),
};
const MEMBER: Kind = Kind {
    name: "member",
    weights: None,
};
const ROOM: Kind = Kind {
    name: "room",
    weights: Some("select room, messages::float8 from rooms where room = any ($1)"),
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

/// What is called so; where nothing is, and that is wanted, with a wrong letter.
async fn named(
    connection: &mut PgConnection,
    (query, guess): (&Query, Guess),
    kind: &Kind,
    limit: usize,
) -> sqlx::Result<Vec<Ranked>> {
    let mut found = rank(query, kind.matching(connection, &query.exact()).await?);
    let parts = kind.matching(connection, &query.named()).await?;
    add(&mut found, rank(query, parts));
    found.retain(|one| one.quality < Quality::Elsewhere);
    if let Some(misspelt) = query
        .misspelt()
        .filter(|_| guess == Guess::Names && found.is_empty())
    {
        let misspelt = kind.matching(connection, &misspelt).await?;
        add(&mut found, misspelt.into_iter().map(misspelt_one));
    }
    kind.weigh(connection, &mut found).await?;
    found.sort_by(|a, b| order(&a.place(), &b.place()));
    found.truncate(limit);
    Ok(found)
}

impl Kind {
    async fn matching(
        &self,
        connection: &mut PgConnection,
        tsquery: &str,
    ) -> sqlx::Result<Vec<Candidate>> {
        // the kind is in the statement: each has an index of its own
        let sql = format!(
            "select thing, names, 0::float8 as weight, true as fits from searchables
             where kind = '{}' and lexemes @@ $1::tsquery limit $2",
            self.name
        );
        sqlx::query_as(AssertSqlSafe(sql))
            .bind(tsquery)
            .bind(NAMES)
            .fetch_all(connection)
            .await
    }

    async fn weigh(
        &self,
        connection: &mut PgConnection,
        found: &mut Vec<Ranked>,
    ) -> sqlx::Result<()> {
        let Some(sql) = self.weights.filter(|_| !found.is_empty()) else {
            return Ok(());
        };
        let things: Vec<Uuid> = found.iter().map(|one| one.thing).collect();
        let weights: Vec<(Uuid, f64)> = sqlx::query_as(sql)
            .bind(things)
            .fetch_all(connection)
            .await?;
        let weights: HashMap<Uuid, f64> = weights.into_iter().collect();
        found.retain_mut(|one| {
            let weight = weights.get(&one.thing);
            one.weight = weight.copied().unwrap_or_default();
            weight.is_some()
        });
        Ok(())
    }
}
