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
//! command under an id that stays, [`Caller`](session::Caller) is a member. Every *no* is a
//! [`Problem`](problem::Problem).
//!
//! What a node does without being asked is in `reactors.rs`; what is truth and not in the log, in
//! `vault/`. `fresh.rs` alone asks the clock and throws the dice.

pub mod accounts;
pub mod address;
pub mod api;
pub mod app;
mod as_of;
pub mod asking;
pub mod assets;
pub mod audit;
pub mod authorization;
pub mod catalogue;
mod common_passwords;
pub mod components;
pub mod cookies;
pub mod cursor;
pub mod database_url;
mod databases;
pub mod device;
pub mod extract;
pub mod fields;
pub mod flash;
pub mod form_token;
pub mod fresh;
pub mod grants;
pub mod health;
pub mod images;
pub mod import;
pub mod known_browser;
pub mod language;
pub mod layout;
pub mod limits;
pub mod live;
pub mod log;
pub mod mail;
pub mod markdown;
pub mod mentions;
pub mod merging;
pub mod moderation;
pub mod outgoing;
pub mod pages;
pub mod patience;
pub mod poster;
pub mod problem;
pub mod problem_answers;
pub mod providers;
pub mod public_url;
pub mod reactors;
pub mod reading;
pub mod recommending;
mod refusals;
pub mod rotation;
pub mod routes;
pub mod run;
pub mod searching;
pub mod secret_text;
pub mod security;
pub mod server;
pub mod session;
pub mod settings;
pub mod signing;
pub mod vault;
pub mod visitor;
