//! In which orders films are listed, and where a list goes on.

use domain::Genre;
use projections::films::{self, Order};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use super::FilmSummary;
use crate::api::list::{Leaving, List, ListQuery};
use crate::cursor::{self, Exact};
use crate::fields::decade;
use crate::problem::Problem;
use crate::reading::{Reading, failed};

/// The orders of films, as the document lists them.
struct Orders;

impl PartialSchema for Orders {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Order::ALL.map(Order::slug)))
            .into()
    }
}

impl ToSchema for Orders {}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FilmOrder {
    /// If left out: `talked-about` of all films, `latest` of a genre's.
    #[param(inline, value_type = Option<Orders>)]
    sort: Option<Order>,
    /// The first year of ten, in which the films came out.
    #[param(minimum = 1870, maximum = 2100, multiple_of = 10, example = 1990)]
    decade: Option<i16>,
}

impl FilmOrder {
    /// A page of such films; 400 for a decade that is none.
    pub async fn list(
        &self,
        reading: &mut Reading,
        (genre, otherwise): (Option<Genre>, Order),
        leaving: &Leaving,
        query: &ListQuery,
    ) -> Result<List<FilmSummary>, Problem> {
        let order = self.sort.unwrap_or(otherwise);
        let list = films::List {
            order,
            genre,
            decade: decade(self.decade)?,
            unseen_by: leaving.seen_by(reading),
        };
        let (after, limit) = query.read()?;
        let after = after.map(|place: FilmPlace| place.within(order));
        let after = after.transpose()?;
        let page = films::list(&mut reading.snapshot, list, after, limit).await;
        let page = page.map_err(failed)?;
        let next = page.next.map(|place| FilmPlace::of(order, place));
        let items = page.items;
        Ok(List::of(
            projections::Page { items, next },
            FilmSummary::from,
        ))
    }
}

/// Where a list goes on: its order, what its last film is ordered by, and which it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct FilmPlace(Order, Exact, Uuid);

impl FilmPlace {
    pub fn of(order: Order, (key, film): films::Place) -> FilmPlace {
        FilmPlace(order, key.into(), film)
    }

    /// 400 for a place in another order.
    pub fn within(self, order: Order) -> Result<films::Place, Problem> {
        let FilmPlace(own, key, film) = self;
        match own == order {
            true => Ok((key.into(), film)),
            false => Err(cursor::foreign()),
        }
    }
}
