-- derived: when a film was seen, as its review says, and a member's diary.
alter table read.reviews add column watched_on date;
create index on read.reviews (member, watched_on desc, position desc) where watched_on is not null;
