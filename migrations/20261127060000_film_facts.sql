-- derived: films as more catalogues than one know them. What a catalogue may not
-- know is null; titles are as they are shown, in another language if need be.
alter table read.films
    -- in each language where there is one
    add column title jsonb not null default '{}',
    add column language text,
    add column keywords jsonb not null default '[]',
    add column tmdb integer,
    add column imdb text,
    add column votes integer,
    add column vote_average double precision,
    add column poster text,
    add column backdrop text,
    alter column year drop not null,
    alter column runtime_min drop not null,
    alter column overview_en drop not null,
    alter column overview_ko drop not null;
alter table read.films
    alter column title drop default,
    alter column keywords drop default;
create index on read.films (tmdb);

comment on column read.film_genres.year is '0: not known';
