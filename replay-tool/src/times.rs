//! Times as people write them, in UTC unless they say otherwise.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
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

/// `2026-07-01`, `2026-07-01 12:00`, `2026-07-01T12:00:00.5`, or RFC 3339 with an offset.
pub fn parse(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    let local = text.trim_end_matches('Z').replacen('T', " ", 1);
    for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(&local, format) {
            return Ok(time.and_utc());
        }
    }
    let day = NaiveDate::parse_from_str(&local, "%Y-%m-%d");
    let midnight = day.map(|day| day.and_time(NaiveTime::MIN).and_utc());
    midnight.map_err(|_| "not a time such as 2026-07-01 or 2026-07-01T12:00:00Z".into())
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

    #[test]
    fn a_time_is_a_day_or_a_moment_of_it() {
        for (text, meant) in [
            ("2026-07-01", "2026-07-01 00:00:00.000Z"),
            ("2026-07-01 12:30", "2026-07-01 12:30:00.000Z"),
            ("2026-07-01T12:30:05.5", "2026-07-01 12:30:05.500Z"),
            ("2026-07-01T12:30:05Z", "2026-07-01 12:30:05.000Z"),
            ("2026-07-01T12:30:05+09:00", "2026-07-01 03:30:05.000Z"),
        ] {
            assert_eq!(shown(parse(text).unwrap()), meant, "{text}");
        }
        assert!(parse("yesterday").is_err());
    }
}
