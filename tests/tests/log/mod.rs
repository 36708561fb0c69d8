//! What the log promises, on a real PostgreSQL with two nodes.

mod checkpoints;
mod commands;
mod faults;
mod heavy;
mod hints;
mod history;
mod long_streams;
mod order;
mod parts;
mod replanned;
mod role;
mod selecting;
mod severed;
mod snapshots;
mod stopped;
