//! Reeltime over HTTP: the JSON API, the pages, and what both stand on.
//!
//! Business rules live in `commands`; a handler finds, asks and answers.
//!
//! # Where to begin
//!
//! `run.rs` is a node from its start to its end, `app.rs` what its handlers share, `routes.rs` all
//! that it answers. A request passes `security.rs`, `session.rs`, `limits.rs` and
//! `authorization.rs`, and comes to a handler: in `api/` (JSON), `pages/` (HTML, made of
//! `components/` in the shell of `layout.rs`) or `live/` (rooms). What a handler takes says what it
//! does: [`Reading`](reading::Reading) reads at one position, [`Asking`](asking::Asking) gives a
//! command under an id that stays, `Caller` (`session.rs`) is a member. Every *no* is a `Problem`.
//!
//! What a node does without being asked is in `reactors.rs`; what is truth and not in the log, in
//! `vault/`. `fresh.rs` alone asks the clock and throws the dice.

mod accounts;
mod address;
mod api;
pub mod app;
mod as_of;
pub mod asking;
mod assets;
mod audit;
pub mod authorization;
pub mod catalogue;
mod common_passwords;
mod components;
mod cookies;
pub mod cursor;
mod database_url;
mod databases;
mod device;
mod extract;
mod fields;
mod flash;
pub mod form_token;
pub mod fresh;
pub mod grants;
pub mod health;
mod images;
pub mod import;
mod known_browser;
pub mod language;
mod layout;
pub mod limits;
pub mod live;
pub mod log;
pub mod mail;
pub mod markdown;
mod mentions;
pub mod merging;
mod moderation;
pub mod outgoing;
mod pages;
mod patience;
mod poster;
mod problem;
mod problem_answers;
pub mod providers;
pub mod public_url;
pub mod reactors;
pub mod reading;
mod recommending;
mod refusals;
pub mod rotation;
pub mod routes;
pub mod run;
pub mod searching;
pub mod secret_text;
pub mod security;
pub mod server;
mod session;
pub mod settings;
pub mod signing;
pub mod vault;
mod visitor;
