//! The pages as a browser without scripts meets them: links, forms, cookies.

mod accounts;
mod again;
pub mod browser;
mod codes;
mod comments;
mod diary;
mod films;
mod forms;
mod guessing;
mod joining;
mod leaving;
mod links;
mod mail;
mod members;
mod moderating;
mod notices;
mod providers;
mod reviews;
mod roles;
mod rooms;
mod search;
mod sessions;
mod settings;
mod unknown;
mod watchlist;
