-- derived: a film's trailer, by its name at YouTube.
alter table read.films add column trailer text;
