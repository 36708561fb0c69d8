# Rooms: talking, now.

problem-room-archived = This room is archived. Enter it to open it again
problem-room-full = This room is full
problem-member-banned = This member was banned from the room
problem-too-many-changes = This message was changed too often
problem-banned = You were banned from this room
problem-muted = You were muted in this room
problem-not-your-message = This message is someone else’s
problem-own-message = You can’t report your own message
problem-not-a-moderator = Only moderators of the room can do this
problem-not-the-maker = Only the room’s maker can do this
problem-keeps-order = This can’t be done to a moderator of the room
problem-too-fast = { $seconds ->
    [one] Wait one second before you send more
   *[other] Wait { $seconds } seconds before you send more
}
