-- derived: by which measure of the site's moderators a message was retracted; null: by its author, or a
-- moderator of the room.
alter table read.messages add column measure uuid;
