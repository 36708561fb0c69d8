//! The log's form outside of a database, for whoever reads it besides the program.

pub mod cloud_event;
