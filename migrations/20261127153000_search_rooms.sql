-- derived: public rooms can be searched for by their names, which go with who gave them.
alter table read.searchables add column named_by uuid;
create index on read.searchables (named_by) where named_by is not null;
create index on read.searchables using gin (lexemes)
    with (gin_pending_list_limit = 256) where kind = 'room';
