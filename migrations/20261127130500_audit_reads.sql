-- derived: which readings of auditors concerned whom.
create table read.audit_reads (
    member uuid not null,
    position bigint not null,
    auditor uuid not null,
    primary key (member, position)
);
