-- truth: what tells the words of a stream last, behind its first event, is found however long the
-- stream is. In few streams there is any.
create index events_that_tell on log.events (stream, event_type, version)
    where version > 1 and event_type in (
        'member.renamed', 'member.about_changed', 'member.email_changed', 'review.posted',
        'review.rewritten', 'comment.edited', 'room.renamed', 'room.described'
    );
