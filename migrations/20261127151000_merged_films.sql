-- derived: films that were the same as others. `replay-tool rebuild` computes it from the log.
create table read.merged_films (
    film uuid primary key,
    into_film uuid not null,
    -- TMDB's id, by which it may be asked for again
    tmdb integer
);
create index on read.merged_films (into_film);
-- what a member says of one film
create index on read.reviews (film, member);
-- rooms and genres of one film, when it is merged
create index on read.film_genres (film);
