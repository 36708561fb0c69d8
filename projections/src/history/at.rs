//! A place in a stream, and times as people write them.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use event_log::{Recorded, StreamName, position_before, stream_version, version_at};
use sqlx::postgres::PgConnection;

/// A version of a stream, or its last event by some time (of recording).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum At {
    Version(i64),
    Time(DateTime<Utc>),
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<At, String> {
        match text.parse() {
            Ok(version) => Ok(At::Version(version)),
            Err(_) => parse_time(text).map(At::Time),
        }
    }
}

impl At {
    pub fn is_before(self, event: &Recorded) -> bool {
        match self {
            At::Version(version) => event.version > version,
            At::Time(time) => event.recorded_at > time,
        }
    }

    /// The stream's version there; 0: nothing had happened to it.
    pub async fn version(
        self,
        connection: &mut PgConnection,
        stream: &StreamName,
    ) -> sqlx::Result<i64> {
        match self {
            At::Version(version) => {
                let last = stream_version(connection, stream).await?;
                Ok(version.clamp(0, last))
            }
            At::Time(time) => {
                // at that very moment is meant, too; times are whole microseconds
                let behind = time.checked_add_signed(TimeDelta::microseconds(1));
                let position = position_before(connection, behind.unwrap_or(time)).await?;
                version_at(connection, stream, position).await
            }
        }
    }
}

/// `2026-07-01`, `2026-07-01 12:00`, `2026-07-01T12:00:00.5`, or RFC 3339 with an offset; in UTC
/// unless it says otherwise.
pub fn parse_time(text: &str) -> Result<DateTime<Utc>, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_day_or_a_moment_of_it() {
        for (text, meant) in [
            ("2026-07-01", "2026-07-01T00:00:00.000Z"),
            ("2026-07-01 12:30", "2026-07-01T12:30:00.000Z"),
            ("2026-07-01T12:30:05.5", "2026-07-01T12:30:05.500Z"),
            ("2026-07-01T12:30:05Z", "2026-07-01T12:30:05.000Z"),
            ("2026-07-01T12:30:05+09:00", "2026-07-01T03:30:05.000Z"),
        ] {
            let shown = parse_time(text).unwrap();
            let shown = shown.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            assert_eq!(shown, meant, "{text}");
        }
        assert!(parse_time("yesterday").is_err());
    }

    #[test]
    fn a_place_is_a_version_or_a_time() {
        assert_eq!("12".parse(), Ok(At::Version(12)));
        let day = parse_time("2026-07-01").unwrap();
        assert_eq!("2026-07-01".parse(), Ok(At::Time(day)));
        assert!("soon".parse::<At>().is_err());
    }
}
