-- derived: titles beside the order of films, so that who looks through the films that are talked about
-- most reads nothing else. Until the model is computed anew, they are called nothing here.
alter table read.standings
    add column title jsonb not null default '{}',
    add column original_title text not null default '';
