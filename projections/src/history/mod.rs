//! The log as people read it: chosen, opened, and what a stream was at some point. One for the
//! replay tool, for auditors and for members.

mod at;
mod concerned;
mod opened;
mod own;
mod stream;
mod wanted;

pub use at::{At, parse_time};
pub use opened::{Opened, open};
pub use own::own;
pub use stream::{Difference, Misplaced, Step, StreamAt, differences, steps};
pub use wanted::Wanted;
