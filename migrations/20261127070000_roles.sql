-- derived: what members may do beyond what every member may.
alter table read.members add column roles jsonb not null default '[]';
create index members_with_roles on read.members (name, member) where roles <> '[]';
create index members_by_name on read.members (name_reservation) where not withdrawn;
