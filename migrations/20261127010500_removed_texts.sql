-- derived: texts that were removed at their author's wish.
-- The review had a text, which was forgotten; without it, it is a rating alone.
alter table read.reviews add column removed boolean not null default false;
