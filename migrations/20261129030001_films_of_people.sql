-- derived: in how many films somebody worked is counted in the index alone.
create index on read.credits (person, film);
