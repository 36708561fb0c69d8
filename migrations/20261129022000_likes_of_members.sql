-- derived: what a member likes, the last first.
create index on read.review_likes (member, since desc, review);
