//! Lists: some items, and a cursor for the next ones.

use projections::Page;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::cursor;
use crate::problem::Problem;
use crate::reading::Reading;

const DEFAULT_LIMIT: i64 = 20;
/// More are refused, not cut: a client that asks for more would miss the rest.
const MAX_LIMIT: i64 = 100;

/// How a list is turned.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// `next` of the page before; none for the first page.
    pub cursor: Option<String>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
}

impl ListQuery {
    /// Of a query that has more in it.
    pub fn new(cursor: Option<String>, limit: Option<i64>) -> ListQuery {
        ListQuery { cursor, limit }
    }

    /// Where to go on and how many; 400 for a cursor or a limit that is none.
    pub fn read<C: DeserializeOwned>(&self) -> Result<(Option<C>, i64), Problem> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let range = format!("limit is a whole number from 1 to {MAX_LIMIT}.");
            return Err(Problem::bad_request(range));
        }
        Ok((cursor::decode(self.cursor.as_deref())?, limit))
    }
}

/// Whether a list of films leaves some out.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Leaving {
    /// Without films that the caller has reviewed; who is not signed in has reviewed none.
    #[serde(default)]
    #[param(default = false)]
    unseen: bool,
}

impl Leaving {
    /// Who has seen what is left out.
    pub fn seen_by(&self, reading: &Reading) -> Option<Uuid> {
        reading.viewer().filter(|_| self.unseen)
    }
}

/// Some items of a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    /// The cursor of the next page; null: that was all.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl<T> List<T> {
    pub fn of<R, C: Serialize>(page: Page<R, C>, show: impl Fn(R) -> T) -> List<T> {
        List {
            items: page.items.into_iter().map(show).collect(),
            next: page.next.as_ref().map(cursor::encode),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cursor: Option<&str>, limit: Option<i64>) -> Result<(Option<i64>, i64), u16> {
        let cursor = cursor.map(str::to_owned);
        let query = ListQuery { cursor, limit };
        query.read().map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn limits_are_bounded_and_cursors_are_ours() {
        assert_eq!(read(None, None), Ok((None, 20)));
        assert_eq!(
            read(Some(&cursor::encode(&7)), Some(100)),
            Ok((Some(7), 100))
        );
        for limit in [0, -1, 101, i64::MAX] {
            assert_eq!(read(None, Some(limit)), Err(400));
        }
        assert_eq!(read(Some("x"), None), Err(400));
    }

    #[test]
    fn the_last_page_has_no_next() {
        let page = |next| {
            List::of(
                Page {
                    items: vec![1, 2],
                    next,
                },
                |item| item * 2,
            )
        };
        assert_eq!(page(None::<i64>).next, None);
        assert_eq!(page(Some(9)).next, Some(cursor::encode(&9)));
        assert_eq!(page(Some(9)).items, [2, 4]);
    }
}
