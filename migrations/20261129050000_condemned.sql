-- derived: copies of the read tables that still hold what somebody wrote who was forgotten, because
-- others are reading them. Nobody is shown them any more, and they are dropped when they are let go.
alter table replay.kept add column condemned boolean not null default false;
alter table replay.as_of add column condemned boolean not null default false;
