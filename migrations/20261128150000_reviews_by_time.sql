-- derived: reviews come in the order in which they were written, also those that members brought
-- along from elsewhere; of those of all films the ones with words are shown first.
drop index if exists read.reviews_position_idx;
drop index if exists read.reviews_film_position_idx;
drop index if exists read.reviews_film_likes_position_idx;
drop index if exists read.reviews_member_position_idx;
create index on read.reviews (posted_at desc, position desc);
create index on read.reviews (posted_at desc, position desc) where text is not null;
create index on read.reviews (film, posted_at desc, position desc);
create index on read.reviews (film, likes desc, posted_at desc, position desc);
create index on read.reviews (member, posted_at desc, position desc);
