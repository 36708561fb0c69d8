//! Pages of a list: some items, and where the next page begins; and how far a list is counted.

/// Who follows a member, whom a member follows, and who wants to see a film are counted up to here;
/// beyond it there are *that many and more*.
pub const MOST_COUNTED: i64 = 10_000;

/// Some items of a list. `next` goes into the next call; `None`: that was all.
#[derive(Clone, Debug)]
pub struct Page<T, C> {
    pub items: Vec<T>,
    pub next: Option<C>,
}

/// Makes a page of `limit` items out of up to one more than that.
pub(crate) fn page<T, C>(mut items: Vec<T>, limit: i64, cursor: impl Fn(&T) -> C) -> Page<T, C> {
    let limit = usize::try_from(limit).expect("a limit is small and positive");
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().map(cursor) } else { None };
    Page { items, next }
}
