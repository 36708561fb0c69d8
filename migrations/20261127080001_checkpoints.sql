-- Signed checkpoints of the log, and what makes proofs cheap.
create schema audit;

-- truth of a kind: what was signed stays signed. A copy elsewhere is worth more:
-- whoever can rewrite the log can rewrite this too, but not what others keep.
create table audit.checkpoints (
    -- events in the tree: the position of the last
    size bigint primary key,
    -- a signed note (C2SP tlog-checkpoint)
    note text not null,
    signed_at timestamptz not null
);

create trigger append_only before update or delete on audit.checkpoints
    for each row execute function log.refuse_change();
create trigger no_truncate before truncate on audit.checkpoints
    for each statement execute function log.refuse_change();

-- derived: hashes of the Merkle tree's complete subtrees, every eighth level. The
-- leaves are log.events. Lost or wrong, they are computed again.
create table audit.subtrees (
    -- of 2^level leaves
    level smallint not null,
    -- the first leaf is index << level, counted from 0
    index bigint not null,
    hash bytea not null check (octet_length(hash) = 32),
    primary key (level, index)
);
