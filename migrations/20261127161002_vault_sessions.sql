-- truth: the vault. What a member sees of their sessions.
alter table vault.sessions add column id uuid not null unique default gen_random_uuid();
-- browser and system, as the member would call them; empty: unknown
alter table vault.sessions add column device text not null default '';
alter table vault.sessions add column last_used_at timestamptz not null default now();
