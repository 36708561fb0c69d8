-- derived: what is fenced holds a lease's key until it is committed (`for key share`), so that nobody
-- gets the lease meanwhile. It may still be renewed: only the time that it ends is written then.
create unique index leases_epoch on coordination.leases (name, epoch);
