//! Which events are wanted.

use chrono::{DateTime, Utc};
use event_log::{Filter, Named, head, position_before};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

/// What events must be; what is `None` is not asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Caused by this member; nil: by nobody who was signed in.
    pub actor: Option<Uuid>,
    /// Of this type, such as `review.posted`.
    pub event_type: Option<String>,
    pub stream: Option<String>,
    /// About this film.
    pub film: Option<Uuid>,
    /// About this member or what they wrote, whoever caused it.
    pub member: Option<Uuid>,
    /// Of one request and all that followed from it.
    pub correlation: Option<Uuid>,
    /// Recorded then or later.
    pub since: Option<DateTime<Utc>>,
    /// Recorded before then.
    pub until: Option<DateTime<Utc>>,
}

impl Wanted {
    pub fn filter(&self) -> Filter {
        let named = |id: Option<Uuid>, fields| {
            id.map(|id| Named {
                id,
                fields,
                or_actor: false,
            })
        };
        let film = named(self.film, &["film"]);
        // a like names the review's author too
        let member = named(self.member, &["member", "author"]);
        Filter {
            actor: self.actor,
            event_type: self.event_type.clone(),
            stream: self.stream.as_deref().map(Into::into),
            correlation: self.correlation,
            named: member.into_iter().chain(film).collect(),
        }
    }

    /// Behind which position and up to which one they lie.
    pub async fn range(&self, connection: &mut PgConnection) -> sqlx::Result<(i64, i64)> {
        let after = match self.since {
            Some(since) => position_before(connection, since).await?,
            None => 0,
        };
        let through = match self.until {
            Some(until) => position_before(connection, until).await?,
            None => head(connection).await?.position,
        };
        Ok((after, through))
    }
}
