-- derived: names that members had before, and are theirs for a while still.
create table read.former_names (
    reservation uuid primary key,
    member uuid not null,
    since timestamptz not null
);
create index on read.former_names (since);
