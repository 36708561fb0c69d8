-- truth: the vault. What members bring from elsewhere is shown from its preview, which is short,
-- however long the file is; and reviews that they like come along, too.
alter table vault.uploads
    add column preview jsonb,
    add column length integer not null default 0,
    add column likes jsonb not null default '[]',
    -- of those, which it gave, for undoing it
    add column liked uuid[] not null default '{}',
    add column uploaded_at timestamptz not null default now(),
    -- imports of the last day
    add column begun timestamptz[] not null default '{}';
update vault.uploads set length = jsonb_array_length(lines), uploaded_at = touched_at;
