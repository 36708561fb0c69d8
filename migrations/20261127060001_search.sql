-- derived: what can be searched for, people of films, and the order of films that match equally.

create table read.searchables (
    -- film, person, member
    kind text collate "C" not null,
    thing uuid not null,
    names jsonb not null,
    -- with a space between two
    tokens text not null,
    facts jsonb not null,
    primary key (kind, thing)
);
-- One index for each kind: a common name of people does not slow a search for films down. What
-- waits to be merged into an index is read by every search, so it is kept short (in kB).
create index on read.searchables
    using gin (array_to_tsvector(string_to_array(tokens, ' ')))
    with (gin_pending_list_limit = 256) where kind = 'film';
create index on read.searchables
    using gin (array_to_tsvector(string_to_array(tokens, ' ')))
    with (gin_pending_list_limit = 256) where kind = 'person';
create index on read.searchables
    using gin (array_to_tsvector(string_to_array(tokens, ' ')))
    with (gin_pending_list_limit = 256) where kind = 'member';

create table read.standings (
    film uuid primary key,
    standing double precision not null
);
create index on read.standings (standing desc, film);

create table read.credits (
    person uuid not null,
    -- all of one kind of work on one film
    credit uuid not null,
    film uuid not null,
    directed boolean not null,
    slug text not null,
    name_en text not null,
    name_ko text,
    primary key (person, credit)
);
create index on read.credits (credit);
