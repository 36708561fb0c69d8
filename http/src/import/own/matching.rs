//! Which films of ours a member's file is about.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::MemberId;
use domain::film::{Facts, Translated};
use projections::{Snapshot, films, merged_films, reviews, watchlist};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::said::{Like, Wanted};
use super::{Line, Said};
use crate::app::App;
use crate::import::known::Known;
use crate::language::Language;

/// What a file says, as far as it is about what is here.
#[derive(Debug)]
pub struct Brought {
    pub lines: Vec<Matched>,
    /// Of reviews that stand here.
    pub likes: Vec<Like>,
    /// Likes of reviews that are not here.
    pub lost_likes: usize,
    /// What is to be seen, and not on the member's list yet.
    pub wanted: Vec<Want>,
    /// Of those, that are not here.
    pub lost_wanted: usize,
}

/// A film of ours that the member wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Want {
    pub film: Uuid,
    pub at: DateTime<Utc>,
}

/// A line of the file, with the film that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matched {
    pub line: Line,
    /// `None`: there is no such film here.
    pub film: Option<Uuid>,
    /// The member has reviewed it here: that stays.
    pub is_reviewed: bool,
    /// Into the film.
    pub merged: Vec<Uuid>,
}

/// Of two lines that are about one film the last counts.
pub async fn matched(
    app: &App,
    member: MemberId,
    said: Said,
    language: Language,
) -> anyhow::Result<Brought> {
    let known = Known::now(app).await?;
    let mut snapshot = app.reader.snapshot(None).await?;
    let reviewed = reviews::films_of(&mut snapshot, member).await?;
    let reviewed: HashSet<Uuid> = reviewed.into_iter().collect();
    let mut merged: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for row in merged_films::all(&mut snapshot).await? {
        merged.entry(row.into_film).or_default().push(row.film);
    }
    let mut taken = HashSet::new();
    let mut lines: Vec<Matched> = Vec::with_capacity(said.lines.len());
    for line in said.lines.into_iter().rev() {
        let film = find(&known, &line);
        if film.is_some_and(|film| !taken.insert(film)) {
            continue;
        }
        lines.push(Matched {
            merged: film
                .and_then(|film| merged.remove(&film))
                .unwrap_or_default(),
            is_reviewed: film.is_some_and(|film| reviewed.contains(&film)),
            film,
            line,
        });
    }
    lines.reverse();
    name(&mut snapshot, &mut lines, language).await?;
    let (wanted, lost_wanted) = wanted(&mut snapshot, &known, member, said.wanted).await?;
    let asked: Vec<Uuid> = said.likes.iter().map(|like| like.review).collect();
    let here = reviews::of_others(&mut snapshot, &asked, member).await?;
    let here: HashSet<Uuid> = here.into_iter().collect();
    let mut likes = said.likes;
    likes.retain(|like| here.contains(&like.review));
    Ok(Brought {
        lines,
        lost_likes: asked.len() - likes.len(),
        likes,
        wanted,
        lost_wanted,
    })
}

/// What is to be seen of what is here, and how much is not.
async fn wanted(
    snapshot: &mut Snapshot,
    known: &Known,
    member: MemberId,
    said: Vec<Wanted>,
) -> sqlx::Result<(Vec<Want>, usize)> {
    let mut listed: HashSet<Uuid> = watchlist::films_of(snapshot, member)
        .await?
        .into_iter()
        .collect();
    let (mut wanted, mut lost) = (Vec::new(), 0);
    for one in said {
        match find(known, &one.line()) {
            Some(film) if listed.insert(film) => wanted.push(Want { film, at: one.at }),
            Some(_) => {}
            None => lost += 1,
        }
    }
    Ok((wanted, lost))
}

/// A line of Reeltime's own export knows a film by its id alone.
async fn name(
    snapshot: &mut Snapshot,
    lines: &mut [Matched],
    language: Language,
) -> sqlx::Result<()> {
    let nameless = |matched: &&Matched| matched.line.title.is_empty();
    let ids = lines.iter().filter(nameless).filter_map(|one| one.film);
    let ids: Vec<Uuid> = ids.collect();
    if ids.is_empty() {
        return Ok(());
    }
    let cards = films::cards(snapshot, &ids).await?.into_iter();
    let cards: HashMap<Uuid, films::FilmCard> = cards.map(|card| (card.film, card)).collect();
    for matched in lines.iter_mut().filter(|one| one.line.title.is_empty()) {
        if let Some(card) = matched.film.and_then(|film| cards.get(&film)) {
            let title = match language {
                Language::En => &card.title_en,
                Language::Ko => &card.title_ko,
            };
            title.clone_into(&mut matched.line.title);
            matched.line.year = card.year;
        }
    }
    Ok(())
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
