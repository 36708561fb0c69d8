-- derived: a state says who is not in it, so that one that was on its way when somebody was forgotten
-- is not taken for one of after it.
delete from cache.snapshots;
alter table cache.snapshots
    -- who was forgotten up to this position is not in it; a node of the release before does not say
    add column forgotten bigint not null default 0;
