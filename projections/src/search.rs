//! Searching: films, people of films, members, public rooms. What can be found is a read model; a search takes
//! a bounded number of candidates by their tokens and ranks them here, by how well a name
//! matches, then by how much they are talked about.
//!
//! Tokens are PostgreSQL's `tsvector` of our own making: an index that understands *and* and
//! *or*, without its dictionaries, which know no Korean.

pub(crate) mod fold;
mod found;
mod genres;
mod highlight;
mod quality;
mod query;
mod searchables;
mod standings;
mod tokens;

pub use found::{
    Filters, FoundFilm, FoundMember, FoundPerson, FoundRoom, Guess, Place, films, members, people,
    rooms, scan_tables,
};
pub use highlight::{Piece, highlight};
pub use quality::Quality;
pub use query::Query;
pub use searchables::Searchable;
pub use standings::Standing;
