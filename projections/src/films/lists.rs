//! Lists of films: in an order, of a genre, of a decade.

use domain::Genre;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::FilmCard;
use crate::page::{Page, page};

/// So many people who gave three stars are thought of beside those who rated a film, in the order of
/// ratings: one who gives five does not put it above all others.
const THOUGHT_OF: i32 = 5;
const THEIR_HALF_STARS: i64 = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Newly added first.
    Newest,
    /// What is talked about now; films of which nobody has said anything are left out.
    TalkedAbout,
    /// Best rated first, where a few ratings count less than many; unrated films are left out.
    BestRated,
    /// Newest release first, those of an unknown year last.
    Latest,
    /// Oldest release first; those of an unknown year are left out.
    Oldest,
}

impl Order {
    pub const ALL: [Order; 5] = [
        Order::Newest,
        Order::TalkedAbout,
        Order::BestRated,
        Order::Latest,
        Order::Oldest,
    ];

    /// As an address says it.
    pub fn slug(self) -> &'static str {
        match self {
            Order::Newest => "newest",
            Order::TalkedAbout => "talked-about",
            Order::BestRated => "best-rated",
            Order::Latest => "latest",
            Order::Oldest => "oldest",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct List {
    pub order: Order,
    pub genre: Option<Genre>,
    /// Its first year.
    pub decade: Option<i16>,
    /// Without what this member has seen.
    pub unseen_by: Option<Uuid>,
}

impl List {
    /// Of everything.
    pub const fn all(order: Order) -> List {
        List {
            order,
            genre: None,
            decade: None,
            unseen_by: None,
        }
    }

    /// What asks the database for a page of it, the first one or a later one. Only what the list
    /// asks for is in it, so that each has its index: an order alone walks the order's. With a genre
    /// or a decade the database may rather take the films of those, and sort them: of the order's
    /// it would look at all that are rated, or talked about, where none is of the genre.
    pub fn sql(&self, is_first: bool) -> String {
        // the indexes are on the same expressions
        let thought = i64::from(THOUGHT_OF) * THEIR_HALF_STARS;
        let rating =
            format!("((r.total + {thought})::float8 / (r.ratings + {THOUGHT_OF})::float8)");
        let year = match self.genre {
            Some(_) => "g.year",
            None => "coalesce(f.year, 0::smallint)",
        };
        let joins = match self.order {
            Order::Newest | Order::Latest | Order::Oldest => {
                "left join film_ratings r using (film) left join film_heat h using (film)"
            }
            Order::TalkedAbout => "join film_ratings r using (film) join film_heat h using (film)",
            Order::BestRated => {
                "join film_ratings r using (film) left join film_heat h using (film)"
            }
        };
        let genre = match self.genre {
            Some(_) => "join film_genres g on g.film = f.film and g.genre = $5",
            None => "",
        };
        let among = match self.order {
            Order::Newest | Order::Latest => "true".to_owned(),
            Order::TalkedAbout | Order::BestRated => "r.ratings > 0".to_owned(),
            Order::Oldest => format!("{year} > 0"),
        };
        let decade = match self.decade {
            Some(_) => format!("and {year} between $6 and $6 + 9"),
            None => String::new(),
        };
        let (key, bound, is_falling) = match self.order {
            Order::Newest => ("f.position", "$3", true),
            Order::TalkedAbout => ("h.heat", "$2", true),
            Order::BestRated => (rating.as_str(), "$2", true),
            Order::Latest => (year, "$3", true),
            Order::Oldest => (year, "$3", false),
        };
        let (before, direction, behind, film) = match (self.order, is_falling) {
            // one alone has each position
            (Order::Newest, _) => ("<", "desc", "false", ""),
            (_, true) => ("<", "desc", "f.film > $4", ", f.film"),
            (_, false) => (">", "", "f.film < $4", ", f.film desc"),
        };
        let after = match is_first {
            false => {
                format!("and {key} {before}= {bound} and ({key} {before} {bound} or {behind})")
            }
            true => String::new(),
        };
        let unseen = match self.unseen_by {
            Some(_) => {
                "and not exists (select from opinions o
             where o.member = $7 and o.film = f.film and o.half_stars is not null)"
            }
            None => "",
        };
        format!(
            "select f.film, f.position, f.title_en, f.title_ko, f.year, f.genres, f.poster,
                coalesce(r.ratings, 0) as ratings, coalesce(r.total, 0) as total,
                coalesce(h.heat, 0) as heat
         from films f {joins} {genre}
         where {among} {decade} {after} {unseen}
         order by {key} {direction}{film}
         limit $1 + 1"
        )
    }
}

/// Where a page ends: what the last film was ordered by, and the film.
pub type Place = (f64, Uuid);

/// A page of a list; `after` is the place of the last one's end.
pub async fn list(
    connection: &mut PgConnection,
    list: List,
    after: Option<Place>,
    limit: i64,
) -> sqlx::Result<Page<FilmCard, Place>> {
    let (key, film) = after.unzip();
    let cards = sqlx::query_as(AssertSqlSafe(list.sql(after.is_none())))
        .bind(limit)
        .bind(key)
        // whole numbers are compared as such: their columns have the index
        .bind(key.map(|key| key as i64))
        .bind(film)
        .bind(list.genre.map(Genre::slug))
        .bind(list.decade)
        .bind(list.unseen_by)
        .fetch_all(connection)
        .await?;
    Ok(page(cards, limit, |card: &FilmCard| {
        (key_of(list.order, card), card.film)
    }))
}

/// What a card is ordered by: the same number as the database makes of it.
fn key_of(order: Order, card: &FilmCard) -> f64 {
    match order {
        Order::Newest => card.position as f64,
        Order::TalkedAbout => card.heat,
        Order::BestRated => {
            let thought = i64::from(THOUGHT_OF) * THEIR_HALF_STARS;
            (card.total + thought) as f64 / f64::from(card.ratings + THOUGHT_OF)
        }
        Order::Latest | Order::Oldest => f64::from(card.year.unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_as_an_address_says_it() {
        for order in Order::ALL {
            assert_eq!(serde_json::to_value(order).unwrap(), order.slug());
        }
    }
}
