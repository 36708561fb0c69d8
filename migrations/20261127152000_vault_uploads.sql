-- truth: the vault. What members bring from elsewhere, between its preview and its import: their
-- words, which are in the log only once they are imported, and sealed there.
create table vault.uploads (
    member uuid primary key,
    upload uuid not null,
    -- preview, importing, imported, undoing, undone
    phase text not null,
    lines jsonb not null,
    done integer not null,
    -- reviews that it posted, for undoing it
    posted uuid[] not null,
    touched_at timestamptz not null
);
