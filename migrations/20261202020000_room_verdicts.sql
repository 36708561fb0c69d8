-- derived: what stands against a member in a room, with the words of who said so: shown to that member
-- alone. `replay-tool rebuild` computes it from the log.
create table read.room_verdicts (
    room uuid not null,
    member uuid not null,
    -- mute, ban or removal; the last goes when they come again
    act text not null,
    -- null: until it is lifted
    ends_at timestamptz,
    -- null: none was given, or it is forgotten with who gave it
    reason text,
    given_by uuid not null,
    primary key (room, member, act)
);
-- whose words are forgotten
create index on read.room_verdicts (given_by);
