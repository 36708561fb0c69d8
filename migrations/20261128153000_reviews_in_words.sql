-- derived: a film's page shows the reviews that say something; most rate a film and leave it at that.
create index on read.reviews (film, posted_at desc, position desc) where text is not null;
create index on read.reviews (film, likes desc, posted_at desc, position desc)
    where text is not null;
