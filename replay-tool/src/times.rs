//! Times as people write them, in UTC unless they say otherwise.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
pub use projections::history::parse_time as parse;
use sqlx::PgPool;

/// A place in the log: a position, or the last event that was recorded by some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Point {
    Position(i64),
    Time(DateTime<Utc>),
}

impl FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Point, String> {
        match text.parse() {
            Ok(position @ 0..) => Ok(Point::Position(position)),
            Ok(_) => Err("a position is not negative".to_owned()),
            Err(_) => parse(text).map(Point::Time),
        }
    }
}

impl Point {
    pub async fn position(self, pool: &PgPool) -> sqlx::Result<i64> {
        match self {
            Point::Position(position) => Ok(position),
            Point::Time(time) => {
                // at that very moment is meant, too; times are whole microseconds
                let behind = time + TimeDelta::microseconds(1);
                event_log::position_before(&mut *pool.acquire().await?, behind).await
            }
        }
    }
}

/// To the millisecond.
pub fn shown(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_a_position_or_a_time() {
        assert_eq!("12".parse(), Ok(Point::Position(12)));
        let day = parse("2026-07-01").unwrap();
        assert_eq!("2026-07-01".parse(), Ok(Point::Time(day)));
        assert!("-1".parse::<Point>().is_err() && "soon".parse::<Point>().is_err());
    }
}
