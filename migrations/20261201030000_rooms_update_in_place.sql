-- A room's row changes with each message. As long as no index has a column that changes, PostgreSQL
-- rewrites it within its page and touches no index. Lists by activity begin with the rooms that a
-- member has to do with, or count who is where; those of a film keep theirs.
drop index read.rooms_active_position_idx;
