-- Events by which somebody was forgotten while a rebuild ran: it comes to them itself. If it is
-- broken off in front of one, what it has done is dropped.
create table replay.spared (
    position bigint not null
);
