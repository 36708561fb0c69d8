//! What members think of films: the histories that recommendations are made from.
//!
//! A row also says what it said at the last fit, so that the opinions of that position
//! can be read at any later one, until the next fit.

use chrono::{DateTime, Utc};
use domain::{Event, FilmId, MemberId, Rating, forgetting, member, review};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::recommender::{Like, last_fit};
use crate::table::table;

/// Opinions of a member that are read for one answer, the newest; what was seen longer
/// ago may be suggested again.
const MOST_OPINIONS: i64 = 10_000;

table! {
    /// A member's opinion of a film.
    pub struct Opinion in opinions {
        key { member: Uuid, film: Uuid }
        /// 1 to 10; `None`: taken back.
        half_stars: Option<i16>,
        since: Option<DateTime<Utc>>,
        /// As at the fit before `changed`.
        fitted_half_stars: Option<i16>,
        fitted_since: Option<DateTime<Utc>>,
        /// The position of the last change.
        changed: i64,
    }
}

impl Opinion {
    fn none(member: MemberId, film: FilmId) -> Opinion {
        Opinion {
            member: member.0,
            film: film.0,
            half_stars: None,
            since: None,
            fitted_half_stars: None,
            fitted_since: None,
            changed: 0,
        }
    }

    fn change(&mut self, position: i64, half_stars: Option<i16>, at: DateTime<Utc>) {
        // of several changes after one fit the first knows what was there before
        if self.changed <= last_fit(position) {
            self.fitted_half_stars = self.half_stars;
            self.fitted_since = self.since;
        }
        self.half_stars = half_stars;
        self.since = half_stars.map(|_| at);
        self.changed = position;
    }
}

impl ReadModel for Opinion {
    fn apply(happened: &Happened, opinions: &mut Changes<Opinion>) {
        match &happened.event {
            Event::Review(event) => apply_review(happened, event, opinions),
            Event::Member(member::Event::Withdrawn(withdrawn)) => {
                opinions.remove_where("member", withdrawn.member.0);
            }
            Event::Forgetting(forgetting::Event::Forgotten(forgotten)) => {
                opinions.remove_where("member", forgotten.member.0);
            }
            Event::Member(
                member::Event::SignedUp(_)
                | member::Event::Renamed(_)
                | member::Event::AboutChanged(_)
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
                | member::Event::RoleRevoked(_),
            )
            | Event::Film(_)
            | Event::Reservation(_)
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

fn apply_review(happened: &Happened, event: &review::Event, opinions: &mut Changes<Opinion>) {
    let (position, at) = (happened.position, happened.at);
    match event {
        review::Event::Posted(posted) => {
            let half_stars = half_stars(posted.rating);
            let first = Opinion::none(posted.member, posted.film);
            opinions.put_or_patch(first, move |opinion| {
                opinion.change(position, Some(half_stars), at);
            });
        }
        review::Event::Rerated(rerated) => {
            let half_stars = half_stars(rerated.to);
            let key = (rerated.member.0, rerated.film.0);
            opinions.patch_if_there(key, move |opinion| {
                opinion.change(position, Some(half_stars), at);
            });
        }
        review::Event::Retracted(retracted) => {
            let key = (retracted.member.0, retracted.film.0);
            opinions.patch_if_there(key, move |opinion| opinion.change(position, None, at));
        }
        review::Event::Moved(moved) => {
            let key = (moved.member.0, moved.film.0);
            opinions.patch_if_there(key, move |opinion| opinion.change(position, None, at));
            let Some(rated_at) = moved.rated_at else {
                return;
            };
            let half_stars = half_stars(moved.rating);
            let first = Opinion::none(moved.member, moved.into);
            opinions.put_or_patch(first, move |opinion| {
                opinion.change(position, Some(half_stars), rated_at);
            });
        }
        review::Event::Rewritten(_)
        | review::Event::Dated(_)
        | review::Event::Hidden(_)
        | review::Event::Restored(_) => {}
    }
}

fn half_stars(rating: Rating) -> i16 {
    i16::from(rating.half_stars())
}

/// A film that a member has an opinion of.
#[derive(Clone, Copy, Debug, PartialEq, sqlx::FromRow)]
pub struct Thought {
    pub film: Uuid,
    pub half_stars: i16,
    pub since: DateTime<Utc>,
}

/// What a member thinks now, oldest first.
pub async fn of_member(connection: &mut PgConnection, member: Uuid) -> sqlx::Result<Vec<Thought>> {
    let mut thoughts: Vec<Thought> = sqlx::query_as(
        "select film, half_stars, since from opinions
         where member = $1 and half_stars is not null
         order by since desc, film desc
         limit $2",
    )
    .bind(member)
    .bind(MOST_OPINIONS)
    .fetch_all(connection)
    .await?;
    thoughts.reverse();
    Ok(thoughts)
}

/// Where the models of this snapshot are due: the last fit, and the last change of
/// what it was or will be fitted to.
#[derive(Clone, Copy, Debug, PartialEq, sqlx::FromRow)]
pub struct Due {
    /// The last opinion that is newer than the fit counts for the next one.
    pub changed: i64,
    pub departed: i64,
}

pub async fn due(connection: &mut PgConnection) -> sqlx::Result<Due> {
    sqlx::query_as(
        "select coalesce((select max(changed) from opinions), 0) as changed,
                coalesce((select max(position) from departures), 0) as departed",
    )
    .fetch_one(connection)
    .await
}

/// The likes as they were at the last fit before the snapshot's position, less those
/// of members who have gone since; at most `limit`, the newest.
pub async fn likes_at(
    connection: &mut PgConnection,
    fit: i64,
    least_half_stars: u8,
    limit: i64,
) -> sqlx::Result<Vec<Like>> {
    let rows: Vec<(Uuid, Uuid, DateTime<Utc>)> = sqlx::query_as(
        "select member, film, since
         from (select member, film,
                      case when changed > $1 then fitted_half_stars else half_stars end as half_stars,
                      case when changed > $1 then fitted_since else since end as since
               from opinions) o
         where half_stars >= $2
         order by since desc, member, film
         limit $3",
    )
    .bind(fit)
    .bind(i16::from(least_half_stars))
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let like = |(member, film, since): (Uuid, Uuid, DateTime<Utc>)| Like {
        member,
        film,
        at: since.timestamp(),
    };
    Ok(rows.into_iter().map(like).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    fn opinion(half_stars: Option<i16>, since: i64, changed: i64) -> Opinion {
        Opinion {
            half_stars,
            since: half_stars.map(|_| at(since)),
            changed,
            ..Opinion::none(ANN, PARASITE)
        }
    }

    #[test]
    fn a_review_is_an_opinion_and_the_latest_rating_counts() {
        let rows: Vec<Opinion> = given(vec![posted(1, 4.5)]);
        assert_eq!(rows, [opinion(Some(9), 1, 1)]);
        let rows: Vec<Opinion> = given(vec![posted(1, 4.5), rerated(4.5, 2.0)]);
        assert_eq!((rows[0].half_stars, rows[0].since), (Some(4), Some(at(2))));
    }

    #[test]
    fn a_retracted_review_is_none() {
        let rows: Vec<Opinion> = given(vec![posted(1, 4.0), retracted(1, 4.0)]);
        assert_eq!((rows[0].half_stars, rows[0].since), (None, None));
        let rows: Vec<Opinion> = given(vec![posted(1, 4.0), retracted(1, 4.0), posted(2, 3.0)]);
        assert_eq!((rows[0].half_stars, rows[0].since), (Some(6), Some(at(3))));
    }

    #[test]
    fn who_withdraws_takes_their_opinions_along() {
        let rows: Vec<Opinion> = given(vec![signed_up(), posted(1, 4.0), withdrawn()]);
        assert_eq!(rows, []);
        for extent in domain::forgetting::Extent::ALL {
            let gone = forgotten(ANN, extent);
            let rows: Vec<Opinion> = given(vec![signed_up(), posted(1, 4.0), gone]);
            assert_eq!(rows, []);
        }
    }

    /// What was said at the last fit, found out at every position after it, is what was
    /// said there: two opinions that change in many ways, against a plain history.
    #[test]
    fn the_opinions_at_the_last_fit_can_be_read_until_the_next() {
        let mut opinion = Opinion::none(ANN, PARASITE);
        let mut history = vec![None];
        for position in 1..6_000_i64 {
            let now = *history.last().unwrap();
            let said = match position.wrapping_mul(2_654_435_761) >> 7 & 15 {
                0 => None,
                1..4 => Some((position % 10 + 1) as i16),
                _ => now,
            };
            if said != now {
                opinion.change(position, said, at(position));
            }
            history.push(said);
            let fit = last_fit(position);
            let fitted = match opinion.changed > fit {
                true => opinion.fitted_half_stars,
                false => opinion.half_stars,
            };
            assert_eq!(fitted, history[fit as usize], "at {position}");
        }
    }
}
