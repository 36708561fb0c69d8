//! Which films of ours a member's file is about.

use std::collections::HashSet;

use domain::MemberId;
use domain::film::{Facts, Translated};
use projections::reviews;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Line;
use crate::app::App;
use crate::import::known::Known;

/// A line of the file, with the film that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matched {
    pub line: Line,
    /// `None`: there is no such film here.
    pub film: Option<Uuid>,
    /// The member has reviewed it here: that stays.
    pub is_reviewed: bool,
}

/// Of two lines that are about one film the last counts.
pub async fn matched(
    app: &App,
    member: MemberId,
    lines: Vec<Line>,
) -> anyhow::Result<Vec<Matched>> {
    let known = Known::now(app).await?;
    let mut snapshot = app.reader.snapshot(None).await?;
    let reviewed = reviews::films_of(&mut snapshot, member).await?;
    let reviewed: HashSet<Uuid> = reviewed.into_iter().collect();
    let mut taken = HashSet::new();
    let mut matched: Vec<Matched> = Vec::with_capacity(lines.len());
    for line in lines.into_iter().rev() {
        let film = find(&known, &line);
        if film.is_some_and(|film| !taken.insert(film)) {
            continue;
        }
        matched.push(Matched {
            is_reviewed: film.is_some_and(|film| reviewed.contains(&film)),
            film,
            line,
        });
    }
    matched.reverse();
    Ok(matched)
}

fn find(known: &Known, line: &Line) -> Option<Uuid> {
    if let Some(film) = line.film {
        return known.is_listed(film);
    }
    let facts = |year| Facts {
        title: Translated {
            en: Some(line.title.clone()),
            ko: None,
        },
        original_title: line.original_title.clone().unwrap_or_default(),
        year,
        imdb: line.imdb.clone(),
        ..Facts::default()
    };
    // a film may have come out a year later elsewhere
    let years = [0, 1, -1].map(|away| line.year.map(|year| year + away));
    let mut films = years
        .into_iter()
        .filter_map(|year| known.find(&facts(year)));
    films.next().map(|film| film.0)
}
