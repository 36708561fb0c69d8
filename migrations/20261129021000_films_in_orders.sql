-- derived: films by year and by rating, of which a list shows a page. The rating is that of
-- `projections/src/films/lists.rs`: with five people's who gave three stars.
create index on read.films ((coalesce(year, 0::smallint)) desc, film);
create index on read.film_ratings (((total + 30)::float8 / (ratings + 5)::float8) desc, film)
    where ratings > 0;
