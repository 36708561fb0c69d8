-- truth: the vault. What members want to see comes along from elsewhere, too.
alter table vault.uploads
    add column wanted jsonb not null default '[]',
    -- of those, which it put on the list, for undoing it
    add column listed uuid[] not null default '{}';
