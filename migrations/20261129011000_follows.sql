-- derived: who follows whom.
create table read.follows (
    member uuid not null,
    followed uuid not null,
    -- newest first is largest first
    position bigint not null,
    since timestamptz not null,
    primary key (member, followed)
);
create index on read.follows (member, position desc);
create index on read.follows (followed, position desc);
