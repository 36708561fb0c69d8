-- derived: all that is read. `replay-tool rebuild` computes it from the log.
-- Rebuilds clone these tables into a schema of their own, so no names are
-- qualified by the queries: the connection's search_path says which schema.
create schema read;

-- The position at which all tables of this schema stand: the largest. Rows, not
-- one row that is updated: dead tuples would pile up behind a held snapshot.
create table read.checkpoints (
    position bigint primary key
);

create table read.films (
    film uuid primary key,
    -- of its listing: newly added films have the largest
    position bigint not null,
    key text not null,
    title_en text not null,
    title_ko text not null,
    original_title text not null,
    year smallint not null,
    runtime_min smallint not null,
    genres jsonb not null,
    directors jsonb not null,
    actors jsonb not null,
    countries jsonb not null,
    overview_en text not null,
    overview_ko text not null
);
create index on read.films (position desc);

create table read.film_genres (
    genre text collate "C" not null,
    film uuid not null,
    year smallint not null,
    primary key (genre, film)
);
create index on read.film_genres (genre, year desc, film);

create table read.film_ratings (
    film uuid primary key,
    ratings integer not null,
    -- in half stars
    total bigint not null,
    -- how many of each half star, ten numbers
    histogram jsonb not null
);

create table read.film_heat (
    film uuid primary key,
    heat double precision not null
);
create index on read.film_heat (heat desc, film);

create table read.members (
    member uuid primary key,
    -- null: a former member
    name text,
    about text not null,
    language text not null,
    joined_at timestamptz not null,
    withdrawn boolean not null,
    -- what renaming and withdrawing let go
    name_reservation uuid not null,
    email_reservation uuid not null
);

create table read.reviews (
    review uuid primary key,
    -- of its posting: newest first is largest first
    position bigint not null,
    film uuid not null,
    member uuid not null,
    posting integer not null,
    -- in half stars, 1 to 10
    rating smallint not null,
    text text,
    spoiler boolean not null,
    posted_at timestamptz not null,
    edited_at timestamptz,
    likes integer not null,
    comments integer not null
);
create index on read.reviews (position desc);
create index on read.reviews (film, position desc);
create index on read.reviews (film, likes desc, position desc);
create index on read.reviews (member, position desc);

create table read.review_likes (
    review uuid not null,
    member uuid not null,
    since timestamptz not null,
    primary key (review, member)
);

create table read.comments (
    comment uuid primary key,
    position bigint not null,
    review uuid not null,
    film uuid not null,
    member uuid not null,
    text text,
    posted_at timestamptz not null,
    edited_at timestamptz
);
create index on read.comments (review, position);
create index on read.comments (member, position desc);
