## Rooms: talking, now

problem-room-archived = This room is archived. Enter it to open it again
problem-room-full = This room is full
problem-room-unreadable = This room can’t be read right now
problem-room-unreadable-detail = Something in it is of a newer release, or damaged. We have noted it down; the room goes on by itself.
problem-member-banned = This member was banned from the room
problem-too-many-changes = This message was changed too often
problem-banned = You were banned from this room
problem-muted = You were muted in this room
problem-not-your-message = This message is someone else’s
problem-not-a-moderator = Only moderators of the room can do this
problem-not-the-maker = Only the room’s maker can do this
problem-keeps-order = This can’t be done to a moderator of the room
problem-too-fast = { $seconds ->
    [one] Wait one second before you send more
   *[other] Wait { $seconds } seconds before you send more
}

error-room-name-too-long = A name has at most 60 characters.
error-room-description-too-long = A description has at most 500 characters.
error-message-empty = An empty message says little.
error-message-too-long = A message has at most 4,000 characters.
error-reason-too-long = A reason has at most 300 characters.
error-term = From one second to a year.
error-nobody-is-called-so = Nobody is called that.

nav-rooms = Rooms

rooms-title = Live rooms
rooms-lead = Watch together, argue together. Walk in wherever people are talking.
rooms-sort-label = Which rooms
rooms-busiest = Busiest now
rooms-newest = Newest
rooms-mine = Yours
rooms-empty = No rooms here yet. Open the first.
rooms-of-film = Rooms
rooms-of-film-empty = Nobody is talking about it right now.

room-open = Open a room
room-about-film = About { $film }
room-name = Name
room-description = What is it for?
room-description-hint = Optional. Shown in lists and beside the room.
room-by-invitation = By invitation only
room-by-invitation-hint = To everyone else the room isn’t there.
room-closes-when-empty = Archive it as soon as it is empty
room-closes-when-empty-hint = Otherwise after a day without anyone. Its history stays, and entering opens it again.
room-edit = Room settings
room-save = Save
room-slow-mode = Slow mode
room-slow-mode-off = Off
room-slow-mode-on = Slow: { $count } s
room-slow-mode-minutes = Slow: { $count } min
room-seconds = { $count ->
    [one] One second between messages
   *[other] { $count } seconds between messages
}
room-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
room-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
}
room-until-lifted = Until it is lifted
room-for-how-long = For how long
room-nameless = A room without a name
room-archived = Archived
room-private = By invitation
room-messages = { $count ->
    [0] No messages
    [one] 1 message
   *[other] { $count } messages
}
room-unread = { $count ->
    [one] One unread message
   *[other] { $count } unread messages
}
room-present = { $count ->
    [0] Nobody here
    [one] 1 here
   *[other] { $count } here
}
room-here-and = { $names } and { $count ->
    [one] one more
   *[other] { $count } more
}
room-enter = Enter
room-enter-archived = Enter and open it again
room-leave = Leave
room-menu = More about this room
room-search = Search this room
room-jump = Jump to a day
room-jump-go = Go
room-archive = Archive
room-archive-confirm = Archive this room? Everyone leaves; what was said stays, and entering opens it again.
room-found = Messages with “{ $text }”
room-found-nothing = Nobody has said that here.
room-back = Back to the room
room-older = Older messages
room-newer = Newer messages
room-newest = To the newest
room-quiet = It’s quiet here. Say something.
room-edited = edited
room-message-menu = More about this message
room-reply = Reply
room-permalink = Link to this message
room-retract = Remove message
room-retract-confirm = Delete this message? Its place stays, its words don’t.
room-retract-other-confirm = Remove this message for everyone?
room-reason = Reason
room-report = Report
room-report-title = Report a message
room-who-was-here = Who was here then
room-nobody-was-here = Nobody was in the room.
room-sign-in = Sign in to join in
room-is-archived = This room is archived. Entering opens it again.
room-write = Your message
room-send = Send
room-spoiler = Spoiler: cover it
room-spoiler-cover = Spoiler — show it
room-edit-message = Edit your message
room-retracted = Message deleted
room-retracted-because = Message removed: { $reason }
room-forgotten = Forgotten with its author
room-reacted = { $reaction }: { $count }
room-here = Here now
room-away = Not here
room-maker = maker
room-moderator = moderator
room-muted = muted
room-banned = banned
room-invited = invited
room-invite = Invite someone
room-invite-name = Their name
room-invite-go = Invite
room-decline = Decline the invitation
room-moderate = Moderate this member
room-mute = Mute
room-unmute = Let them write again
room-remove = Remove from the room
room-ban = Ban
room-unban = Lift the ban
room-appoint = Make a moderator
room-dismiss = No longer a moderator

room-js-reconnecting = Reconnecting…
room-js-unreadable = This room can’t be read right now. It goes on by itself…
room-js-over = This page is out of date. Reload it to go on.
room-js-closed = This room isn’t open to you any more
room-js-new-messages = New messages
room-js-sending = Sending…
room-js-sends-in = Goes out in {"{"}time{"}"}
room-js-failed = Not sent
room-js-try-again = Try again
room-js-typing-one = {"{"}name{"}"} is writing…
room-js-typing-many = Several people are writing…
room-js-mentions = Who is meant
room-js-mentions-some = Members who may be meant: {"{"}count{"}"}. Arrow keys choose, Enter takes.
room-js-here = here
room-js-someone = Someone
room-js-removed = You were removed from this room
room-js-until = until {"{"}time{"}"}
room-js-reason = Reason: {"{"}reason{"}"}
room-verdict-until = Until { $until }.
room-verdict-because = Reason: { $reason }
room-verdict-until-because = Until { $until }. Reason: { $reason }

flash-room-saved = The room is changed.
flash-room-moderated = Done.
flash-room-invited = Invited. They find it in their notifications.
