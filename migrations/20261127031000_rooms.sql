-- derived: rooms, what is said in them, who is there, and what members are told of it.
create table read.rooms (
    room uuid primary key,
    -- of its opening: newest first is largest first
    position bigint not null,
    film uuid,
    -- null: forgotten with who named it
    name text,
    named_by uuid not null,
    description text,
    described_by uuid not null,
    -- public or invitation
    admission text not null,
    closes_when_empty boolean not null,
    archived boolean not null,
    maker uuid not null,
    slow_mode_seconds integer not null,
    opened_at timestamptz not null,
    -- the sequence number of the last thing that happened in it
    seq bigint not null,
    -- the last message's ordinal
    messages bigint not null,
    -- when somebody last came, went or spoke
    active_at timestamptz not null,
    active_position bigint not null
);
create index on read.rooms (position desc);
create index on read.rooms (active_position desc);
create index on read.rooms (film, active_position desc) where film is not null;

-- Who has to do with a room. How many are there is counted, never kept as a number.
create table read.room_members (
    room uuid not null,
    member uuid not null,
    -- member, moderator or maker
    role text not null,
    invited boolean not null,
    present boolean not null,
    muted boolean not null,
    -- null while muted: until it is lifted
    muted_until timestamptz,
    banned boolean not null,
    banned_until timestamptz,
    primary key (room, member)
);
create index on read.room_members (room) where present;
create index on read.room_members (member);

-- Every coming and going: who was there when something was said.
create table read.room_passages (
    room uuid not null,
    seq bigint not null,
    member uuid not null,
    entered boolean not null,
    primary key (room, seq)
);

create table read.messages (
    room uuid not null,
    seq bigint not null,
    n bigint not null,
    member uuid not null,
    -- null: retracted, or forgotten with its author
    text text,
    spoiler boolean not null,
    posted_at timestamptz not null,
    edited_at timestamptz,
    -- the sequence number of what it answers
    reply_to bigint,
    -- {member}: who is named in it
    mentions jsonb not null,
    -- {reaction: [member]}: at most 24 reactions and 1,000 members
    reactions jsonb not null,
    -- null: it stands
    retracted_by uuid,
    retraction_reason text,
    primary key (room, seq)
);
create index on read.messages (room, posted_at);
create index on read.messages (member);
create index on read.messages (retracted_by) where retracted_by is not null;

create table read.read_markers (
    room uuid not null,
    member uuid not null,
    -- the last message that was read
    n bigint not null,
    primary key (room, member)
);
create index on read.read_markers (member);

create table read.notifications (
    member uuid not null,
    position bigint not null,
    -- mention, reply or invitation
    kind text not null,
    -- who caused it
    caused_by uuid not null,
    room uuid not null,
    -- the message's sequence number
    seq bigint,
    at timestamptz not null,
    primary key (member, position)
);

-- Up to where a member has seen them.
create table read.notifications_seen (
    member uuid primary key,
    position bigint not null
);

create table read.reports (
    report uuid primary key,
    position bigint not null,
    room uuid not null,
    -- the message's sequence number
    seq bigint not null,
    author uuid not null,
    member uuid not null,
    reason text,
    filed_at timestamptz not null,
    -- null: open; upheld or dismissed
    outcome text,
    closed_by uuid
);
create index on read.reports (position desc) where outcome is null;

-- Mentions are found by names.
create index on read.members (name_reservation);
