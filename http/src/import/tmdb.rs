//! TMDB (themoviedb.org): films with texts in both languages, people, votes and pictures. A film
//! that is listed already is the same film, and what TMDB knows better about it is told.
//!
//! An import that was broken off goes on where it was when the same is asked for again; only one
//! runs at a time. What has not changed is not recorded again.

pub mod answers;
mod client;
pub mod facts;
mod lists;
mod pace;

use std::collections::HashMap;
use std::fmt;

use anyhow::Context;
use commands::Asked as AskedCommand;
use commands::film::Revise;
use domain::FilmId;
use domain::film::Listed;
use event_log::Accepted;
use futures::stream::{self, StreamExt};
use projections::films;
use uuid::Uuid;

use super::execute;
use super::journal::{BEAT, Import, Journal, Tally};
use super::known::Known;
use super::progress::Progress;
use crate::app::App;
use crate::fresh;
use crate::images;
use crate::secret_text::SecretText;
use crate::settings::Tmdb;

pub use client::{Client, Trouble};
pub use lists::{Asked, Dated};

/// Films asked for at once; each is two requests.
const AT_ONCE: usize = 16;
/// Films of one command. Fixed: an import that goes on asks in the same portions.
const FILMS: usize = 20;

/// Where TMDB is, and who asks.
#[derive(Clone, Debug)]
pub struct Access {
    pub token: SecretText,
    pub api: String,
    pub exports: String,
}

impl Access {
    /// `None`: there is no token.
    pub fn of(settings: &Tmdb) -> anyhow::Result<Option<Access>> {
        let token = match (&settings.tmdb_token, &settings.tmdb_token_file) {
            (Some(token), _) => token.clone(),
            (None, Some(path)) => {
                let token = std::fs::read_to_string(path);
                let token =
                    token.with_context(|| format!("--tmdb-token-file {}", path.display()))?;
                token.into()
            }
            (None, None) => return Ok(None),
        };
        let token = token.trimmed();
        anyhow::ensure!(!token.reveal().is_empty(), "TMDB's token is empty");
        Ok(Some(Access {
            token,
            api: settings.tmdb_url.clone(),
            exports: settings.tmdb_exports_url.clone(),
        }))
    }
}

/// What came of an import.
#[derive(Debug)]
pub struct Imported(Import);

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Import {
            done,
            listed,
            revised,
            missing,
            ..
        } = &self.0;
        write!(
            f,
            "{done} films of TMDB's: {listed} are new here, {revised} were revised, {missing} are \
             not to be had."
        )?;
        let Some((from, to)) = self.0.unasked() else {
            return Ok(());
        };
        write!(
            f,
            " What changed between {from} and {to} was not asked for: TMDB tells changes of {} \
             days alone. Bring those films in with `ids` or `export`.",
            lists::MOST_DAYS
        )
    }
}

/// Brings in what is asked for, from where it was left.
pub async fn import(app: &App, access: &Access, asked: Asked) -> anyhow::Result<Imported> {
    let client = Client::new(&access.token, &access.api, &access.exports)?;
    let asked = asked.dated(app, fresh::now()).await?;
    let journal = Journal::begin(&app.pool, &asked.name()).await?;
    let journal = journal.context("another import from TMDB is running")?;
    let done = tokio::select! {
        done = bring_in(app, &client, &journal, &asked) => done,
        failed = sign_life(&journal) => failed,
    };
    let failure = done
        .as_ref()
        .err()
        .map(|error| cluster::sentence(error.as_ref()));
    let import = journal.end(failure.as_deref()).await?;
    done?;
    Ok(Imported(import))
}

/// Until the import ends.
async fn sign_life(journal: &Journal) -> anyhow::Result<()> {
    loop {
        tokio::time::sleep(BEAT).await;
        journal.touch().await?;
    }
}

async fn bring_in(
    app: &App,
    client: &Client,
    journal: &Journal,
    asked: &Dated,
) -> anyhow::Result<()> {
    expect_images(client).await?;
    let named: answers::Genres = client.get("/genre/movie/list?language=en-US").await?;
    let genres = facts::genres(&named.genres);
    let ids = match journal.list().await? {
        Some(ids) => ids,
        None => {
            let ids = asked.ids(app, client).await?;
            let ids: Vec<i32> = ids
                .into_iter()
                .filter_map(|id| id.try_into().ok())
                .collect();
            journal.set_list(&ids).await?;
            ids
        }
    };
    let done = usize::try_from(journal.import.done).unwrap_or_default();
    let left = ids.get(done..).unwrap_or_default();
    let progress = Progress::new("films", ids.len());
    progress.add(done);
    let mut known = Known::now(app).await?;
    let fetched = stream::iter(left.to_vec())
        .map(|id: i32| fetch(client, id.unsigned_abs(), &genres))
        .buffered(AT_ONCE);
    let mut portions = fetched.chunks(FILMS);
    let mut at = done;
    while let Some(portion) = portions.next().await {
        let portion = answered(client, portion).await?;
        let tally = record(app, journal, at, &mut known, &portion).await?;
        journal.advance(tally).await?;
        at += portion.len();
        progress.add(portion.len());
    }
    progress.finish();
    Ok(())
}

/// Asked first, so that a wrong token is told before anything else.
async fn expect_images(client: &Client) -> Result<(), Trouble> {
    let configuration: answers::Configuration = client.get("/configuration").await?;
    let theirs = configuration.images.secure_base_url;
    if theirs.trim_end_matches('/') != images::base() {
        tracing::warn!(
            theirs,
            ours = images::base(),
            "TMDB serves its pictures elsewhere"
        );
    }
    Ok(())
}

/// A film at which TMDB fails while it answers for others is missing, so that no film holds up
/// all that follow. Where it fails at a whole portion, the import stops, and all of them come
/// again; the last portion may be of one film, and then anything else tells whether TMDB is there.
async fn answered(
    client: &Client,
    portion: Vec<Result<Option<Listed>, Trouble>>,
) -> Result<Vec<Option<Listed>>, Trouble> {
    let (mut films, mut troubles) = (Vec::with_capacity(portion.len()), Vec::new());
    for film in portion {
        match film {
            Ok(film) => films.push(film),
            Err(Trouble::BadToken) => return Err(Trouble::BadToken),
            Err(trouble) => {
                films.push(None);
                troubles.push(trouble);
            }
        }
    }
    if troubles.len() == FILMS {
        return Err(troubles.swap_remove(0));
    }
    if troubles.len() == films.len() {
        expect_images(client).await?;
    }
    for trouble in &troubles {
        tracing::warn!(error = %trouble, "a film is left out");
    }
    Ok(films)
}

/// `None`: it is not there any more, or not for everybody.
async fn fetch(
    client: &Client,
    id: u32,
    genres: &facts::Genres,
) -> Result<Option<Listed>, Trouble> {
    const APPENDED: &str = "credits,keywords,videos,images,translations";
    let en = format!(
        "/movie/{id}?language=en-US&append_to_response={APPENDED}\
         &include_image_language=en,ko,null"
    );
    let ko = format!("/movie/{id}?language=ko-KR&append_to_response=credits");
    let both = tokio::try_join!(
        client.get::<answers::Details>(&en),
        client.get::<answers::Details>(&ko)
    );
    let (en, ko) = match both {
        Ok(both) => both,
        Err(Trouble::NotFound(_)) => return Ok(None),
        Err(trouble) => return Err(trouble),
    };
    let facts = facts::facts(id, &en, &ko, genres);
    if en.adult || facts.original_title.is_empty() {
        return Ok(None);
    }
    let key = format!("tmdb-{id}");
    Ok(Some(Listed {
        film: FilmId::of_key(&key),
        key,
        facts: facts.into(),
    }))
}

/// Records what is new of a portion, under an id that is derived from its place in the import.
async fn record(
    app: &App,
    journal: &Journal,
    at: usize,
    known: &mut Known,
    portion: &[Option<Listed>],
) -> anyhow::Result<Tally> {
    let mut films: Vec<Listed> = portion.iter().flatten().cloned().collect();
    for film in &mut films {
        match known.told_of(film.film, &mut film.facts) {
            Some(ours) => film.film = ours,
            None => known.add(film.film, &film.facts),
        }
    }
    keep_languages(app, &mut films).await?;
    // two of TMDB's may be one of ours: the first tells
    let mut told = std::collections::HashSet::new();
    films.retain(|film| told.insert(film.film));
    let name = format!("films {at}");
    let asked = AskedCommand {
        id: Uuid::new_v5(&journal.import.import, name.as_bytes()),
        actor: Uuid::nil(),
        digest: app.vault.digest("tmdb", name.as_bytes()),
        at: fresh::now(),
        correlation: journal.import.import,
        causation: None,
    };
    let accepted = execute(app, asked, Revise { films }).await?;
    let listed = number(count_listed(app, accepted).await?);
    Ok(Tally {
        done: number(portion.len()),
        listed,
        revised: accepted.events - listed,
        missing: number(portion.iter().filter(|film| film.is_none()).count()),
    })
}

/// Of what a command recorded. Asked of the log, which says the same of a command that was accepted
/// before its import was broken off.
async fn count_listed(app: &App, accepted: Accepted) -> sqlx::Result<usize> {
    let events = i64::from(accepted.events);
    let recorded = event_log::read_after(&app.pool, accepted.position - events, events).await?;
    let listed = recorded
        .iter()
        .filter(|event| event.event_type == "film.listed");
    Ok(listed.count())
}

fn number(count: usize) -> i32 {
    // a portion is small
    i32::try_from(count).unwrap_or(i32::MAX)
}

async fn keep_languages(app: &App, films: &mut [Listed]) -> anyhow::Result<()> {
    let ids: Vec<Uuid> = films.iter().map(|film| film.film.0).collect();
    let mut snapshot = app.reader.snapshot(None).await?;
    let rows = films::by_ids(&mut snapshot, &ids).await?;
    let rows: HashMap<Uuid, films::Film> = rows.into_iter().map(|row| (row.film, row)).collect();
    for film in films {
        if let Some(row) = rows.get(&film.film.0) {
            facts::keep_languages(&mut film.facts, row);
        }
    }
    Ok(())
}
