//! What a build tells of itself while it runs.

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Events are applied.
    Loading,
    /// Indexes are made.
    Indexing,
    /// The tables are compared.
    Comparing,
    /// The new tables take the place of the live ones, as soon as no answer is being
    /// read from those.
    Switching,
}

/// How far a build is: all its models have applied `position` of `target`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub phase: Phase,
    pub position: i64,
    pub target: i64,
}

/// Who hears of it.
pub(crate) type Reporter<'a> = &'a mut (dyn FnMut(Progress) + Send);
