-- derived: what members are told, a line for each thing that it is about: what happens to it again
-- moves the line up. What is told of it is read where it stands, so that what is taken back or
-- hidden is not told any more, and how many did it is counted.
drop table read.notifications;
create table read.notifications (
    member uuid not null,
    kind text not null,
    -- a room, a measure, a review or a comment, as the kind says
    subject uuid not null,
    -- a message's sequence number in its room; 0: of no message
    seq bigint not null,
    -- of what happened to it last: newest first is largest first
    position bigint not null,
    -- of what happens in rooms
    caused_by uuid,
    at timestamptz not null,
    primary key (member, kind, subject, seq)
);
create index on read.notifications (member, position desc);

-- Who liked a review last is named.
alter table read.review_likes add column position bigint not null default 0;
create index on read.review_likes (review, position desc);

-- [member]: who is named in it.
alter table read.comments add column mentions jsonb not null default '[]';
