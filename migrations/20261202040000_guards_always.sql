-- truth: what refuses changes of the log does so in every session. An ordinary trigger is passed
-- over where session_replication_role is replica, and stands there afterwards as if nothing was.
-- The tables in the order in which an append takes them, beside nodes that go on appending.
alter table log.commands
    enable always trigger append_only, enable always trigger no_truncate;
alter table log.events
    enable always trigger append_only, enable always trigger no_truncate;
alter table audit.checkpoints
    enable always trigger append_only, enable always trigger no_truncate;
