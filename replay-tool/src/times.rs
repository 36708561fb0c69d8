//! Times as people write them, in UTC unless they say otherwise.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

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
