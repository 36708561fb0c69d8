//! What the site's moderators did, why, what was said against it, and what came of that.

use chrono::{DateTime, Utc};
use domain::forgetting::{self, Extent};
use domain::measure::Event as MeasureEvent;
use domain::{AppealText, Event, Reason, Sealed};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::page::{Page, page};
use crate::table::table;

table! {
    pub struct Measure in measures {
        key { measure: Uuid }
        position: i64,
        /// `review`, `comment`, `message`: hidden; `member`: suspended.
        kind: String,
        /// The review, comment or member, or the room.
        subject: Uuid,
        /// The message's sequence number.
        seq: Option<i64>,
        member: Uuid,
        by: Uuid,
        /// `None`: forgotten with who wrote it, or with whom it is about, as all that is said here.
        reason: Option<String>,
        until: Option<DateTime<Utc>>,
        taken_at: DateTime<Utc>,
        lifted_at: Option<DateTime<Utc>>,
        /// `None`: it holds, or its time was over.
        lifted_by: Option<Uuid>,
        lifted_reason: Option<String>,
        appeal: Option<String>,
        appealed_at: Option<DateTime<Utc>>,
        granted: Option<bool>,
        decided_at: Option<DateTime<Utc>>,
        decided_by: Option<Uuid>,
        decided_reason: Option<String>,
    }
}

impl ReadModel for Measure {
    fn apply(happened: &Happened, measures: &mut Changes<Measure>) {
        match &happened.event {
            Event::Measure(event) => apply_measure(happened, event, measures),
            Event::Forgetting(forgetting::Event::Forgotten(forgotten)) => {
                if forgotten.extent == Extent::Everything {
                    forget(forgotten.member.0, measures);
                }
            }
            Event::Film(_)
            | Event::Reservation(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => {}
        }
    }
}

fn apply_measure(happened: &Happened, event: &MeasureEvent, measures: &mut Changes<Measure>) {
    let at = happened.at;
    match event.clone() {
        MeasureEvent::Taken(taken) => measures.put(Measure {
            measure: taken.measure.0,
            position: happened.position,
            kind: taken.about.kind().to_owned(),
            subject: taken.about.subject(),
            seq: taken.about.seq(),
            member: taken.member.0,
            by: taken.by.0,
            reason: reason(&taken.reason),
            until: taken.until,
            taken_at: at,
            lifted_at: None,
            lifted_by: None,
            lifted_reason: None,
            appeal: None,
            appealed_at: None,
            granted: None,
            decided_at: None,
            decided_by: None,
            decided_reason: None,
        }),
        MeasureEvent::Lifted(lifted) => measures.patch((lifted.measure.0,), move |measure| {
            measure.lifted_at = Some(at);
            measure.lifted_by = Some(lifted.by.0);
            measure.lifted_reason = lifted.reason.as_ref().and_then(reason);
        }),
        MeasureEvent::Ended(ended) => measures.patch((ended.measure.0,), move |measure| {
            measure.lifted_at = Some(at);
        }),
        MeasureEvent::Appealed(appealed) => {
            measures.patch((appealed.measure.0,), move |measure| {
                let text = appealed.text.open().map(AppealText::as_str);
                measure.appeal = text.map(str::to_owned);
                measure.appealed_at = Some(at);
            });
        }
        MeasureEvent::Decided(decided) => measures.patch((decided.measure.0,), move |measure| {
            if decided.granted && measure.lifted_at.is_none() {
                measure.lifted_at = Some(at);
                measure.lifted_by = Some(decided.by.0);
            }
            measure.granted = Some(decided.granted);
            measure.decided_at = Some(at);
            measure.decided_by = Some(decided.by.0);
            measure.decided_reason = reason(&decided.reason);
        }),
    }
}

fn reason(reason: &Sealed<Reason>) -> Option<String> {
    reason.open().map(|text| text.as_str().to_owned())
}

/// What they wrote, and what was written about them.
fn forget(member: Uuid, measures: &mut Changes<Measure>) {
    measures.patch_where("member", member, |measure| {
        measure.reason = None;
        measure.lifted_reason = None;
        measure.appeal = None;
        measure.decided_reason = None;
    });
    measures.patch_where("by", member, |measure| measure.reason = None);
    measures.patch_where("lifted_by", member, |measure| measure.lifted_reason = None);
    measures.patch_where("decided_by", member, |measure| {
        measure.decided_reason = None
    });
}

/// A measure with what it is about, as its member and moderators see it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MeasureCard {
    #[sqlx(flatten)]
    pub row: Measure,
    pub member_name: Option<String>,
    pub by_name: Option<String>,
    /// `None`: retracted or forgotten since, or a member.
    pub text: Option<String>,
    pub title_en: Option<String>,
    pub title_ko: Option<String>,
}

macro_rules! card {
    ($rest:literal) => {
        concat!(
            "select t.*, m.name as member_name, judge.name as by_name, coalesce(rv.text, c.text) as text,
                    f.title_en, f.title_ko
             from measures t
             left join reviews rv on t.kind = 'review' and rv.review = t.subject
             left join comments c on t.kind = 'comment' and c.comment = t.subject
             left join films f on f.film = coalesce(rv.film, c.film)
             left join members m on m.member = t.member
             left join members judge on judge.member = t.by ",
            $rest
        )
    };
}

pub async fn by_id(
    connection: &mut PgConnection,
    measure: Uuid,
) -> sqlx::Result<Option<MeasureCard>> {
    sqlx::query_as(card!("where t.measure = $1"))
        .bind(measure)
        .fetch_optional(connection)
        .await
}

/// All, newest first, or only those whose appeals are open; `after` is the last card's position.
pub async fn newest(
    connection: &mut PgConnection,
    with_open_appeal: bool,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<MeasureCard, i64>> {
    let cards = sqlx::query_as(card!(
        "where ($1::bigint is null or t.position < $1)
           and (not $2 or t.appealed_at is not null and t.granted is null and not m.withdrawn)
         order by t.position desc limit $3 + 1"
    ))
    .bind(after)
    .bind(with_open_appeal)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &MeasureCard| card.row.position))
}

/// Against one member, newest first; `after` is the last card's position.
pub async fn of_member(
    connection: &mut PgConnection,
    member: Uuid,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<MeasureCard, i64>> {
    let cards = sqlx::query_as(card!(
        "where t.member = $1 and ($2::bigint is null or t.position < $2)
         order by t.position desc limit $3 + 1"
    ))
    .bind(member)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &MeasureCard| card.row.position))
}

/// Suspensions whose time is over: the measure and whom it suspends.
pub async fn over(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    (skip, limit): (i64, i64),
) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
    sqlx::query_as(
        "select measure, member from measures
         where until <= $1 and lifted_at is null order by until, measure limit $2 offset $3",
    )
    .bind(now)
    .bind(limit)
    .bind(skip)
    .fetch_all(connection)
    .await
}

#[cfg(test)]
mod tests {
    use domain::{Thing, measure};

    use super::*;
    use crate::given::*;

    fn said(text: &str) -> Sealed<Reason> {
        Reason::new(text).unwrap().unwrap().into()
    }

    fn taken() -> Event {
        measure::Taken {
            measure: MEASURE,
            about: Thing::Member { member: ANN },
            member: ANN,
            by: BOB,
            reason: said("Insults."),
            until: Some(at(9)),
        }
        .into()
    }

    fn decided() -> Vec<Event> {
        let appealed = measure::Appealed {
            measure: MEASURE,
            member: ANN,
            text: AppealText::new("It was a quote.").unwrap().into(),
        };
        let decided = measure::Decided {
            measure: MEASURE,
            member: ANN,
            by: BOB,
            granted: true,
            reason: said("So it was."),
        };
        vec![taken(), appealed.into(), decided.into()]
    }

    #[test]
    fn a_measure_says_what_became_of_it() {
        let rows: Vec<Measure> = given(decided());
        let row = &rows[0];
        assert_eq!((row.kind.as_str(), row.until), ("member", Some(at(9))));
        assert_eq!(row.reason.as_deref(), Some("Insults."));
        assert_eq!(row.appeal.as_deref(), Some("It was a quote."));
        assert_eq!((row.granted, row.lifted_at), (Some(true), Some(at(3))));
    }

    #[test]
    fn a_moderators_reasons_are_forgotten_with_the_moderator() {
        let mut events = decided();
        events.push(forgotten(BOB, Extent::Everything));
        let rows: Vec<Measure> = given(events);
        let row = &rows[0];
        assert_eq!((&row.reason, &row.decided_reason), (&None, &None));
        assert_eq!(row.appeal.as_deref(), Some("It was a quote."));
    }

    #[test]
    fn what_was_said_is_forgotten_with_the_member() {
        let mut events = decided();
        events.push(forgotten(ANN, Extent::Everything));
        let rows: Vec<Measure> = given(events);
        let row = &rows[0];
        assert_eq!(
            (&row.reason, &row.appeal, &row.decided_reason),
            (&None, &None, &None)
        );
        assert_eq!(row.granted, Some(true));
    }
}
