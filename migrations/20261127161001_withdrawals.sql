-- derived: who wants to leave, and when it is carried out.
create table read.withdrawals (
    member uuid primary key,
    extent text not null,
    due timestamptz not null,
    carried_out boolean not null
);
create index on read.withdrawals (due);
