-- derived: what was reported to the site's moderators, whatever it is, and what they did.
drop table read.reports;
create table read.reports (
    report uuid primary key,
    position bigint not null,
    kind text not null,
    subject uuid not null,
    seq bigint,
    author uuid not null,
    member uuid not null,
    reason text,
    filed_at timestamptz not null,
    outcome text,
    closed_by uuid
);
create index on read.reports (position) where outcome is null;
create index on read.reports (subject) where outcome is null;
create index on read.reports (member);

create table read.measures (
    measure uuid primary key,
    position bigint not null,
    kind text not null,
    subject uuid not null,
    seq bigint,
    member uuid not null,
    by uuid not null,
    reason text,
    until timestamptz,
    taken_at timestamptz not null,
    lifted_at timestamptz,
    lifted_by uuid,
    lifted_reason text,
    appeal text,
    appealed_at timestamptz,
    granted boolean,
    decided_at timestamptz,
    decided_by uuid,
    decided_reason text
);
create index on read.measures (position desc);
create index on read.measures (member, position desc);
-- what each wrote is forgotten with them
create index on read.measures (by);
create index on read.measures (lifted_by) where lifted_by is not null;
create index on read.measures (decided_by) where decided_by is not null;
create index on read.measures (appealed_at) where appealed_at is not null and granted is null;
create index on read.measures (until) where until is not null and lifted_at is null;

alter table read.reviews add column hidden_by uuid;
alter table read.comments add column hidden_by uuid;
alter table read.members add column suspended_until timestamptz;
alter table read.notifications alter column room drop not null;
alter table read.notifications alter column caused_by drop not null;
alter table read.notifications add column measure uuid;
