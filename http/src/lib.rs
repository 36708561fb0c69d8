//! Reeltime over HTTP: the JSON API, the pages, and what both stand on.
//!
//! Business rules live in `commands`; a handler finds, asks and answers.

pub mod accounts;
pub mod address;
pub mod api;
pub mod app;
mod as_of;
pub mod asking;
pub mod assets;
pub mod authorization;
pub mod catalogue;
pub mod components;
pub mod cookies;
pub mod cursor;
pub mod device;
pub mod extract;
pub mod fields;
pub mod flash;
pub mod fresh;
pub mod grants;
pub mod health;
pub mod import;
pub mod language;
pub mod layout;
pub mod limits;
pub mod live;
pub mod mail;
pub mod markdown;
pub mod mentions;
pub mod pages;
pub mod poster;
pub mod problem;
pub mod problem_answers;
pub mod providers;
pub mod reactors;
pub mod reading;
pub mod recommending;
pub mod routes;
pub mod run;
pub mod searching;
pub mod security;
pub mod server;
pub mod session;
pub mod settings;
pub mod signing;
pub mod vault;
pub mod visitor;
