-- derived: tokens as a column that PostgreSQL keeps statistics of, so that a search is planned by
-- how frequent what it asks for is.
drop index read.searchables_array_to_tsvector_idx;
drop index read.searchables_array_to_tsvector_idx1;
drop index read.searchables_array_to_tsvector_idx2;
alter table read.searchables
    drop constraint searchables_pkey,
    -- no way to read all things of one kind in place of those that match
    add primary key (thing, kind),
    add column lexemes tsvector not null
        generated always as (array_to_tsvector(string_to_array(tokens, ' '))) stored;
create index on read.searchables using gin (lexemes)
    with (gin_pending_list_limit = 256) where kind = 'film';
create index on read.searchables using gin (lexemes)
    with (gin_pending_list_limit = 256) where kind = 'person';
create index on read.searchables using gin (lexemes)
    with (gin_pending_list_limit = 256) where kind = 'member';
