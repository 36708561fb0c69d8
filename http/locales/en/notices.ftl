## What happened to what is a member’s

nav-notifications = { $count ->
    [0] Notifications
   *[other] Notifications: { $count } new
}
notifications-title = Notifications
notifications-see = Mark all as seen
notifications-empty = Nothing yet. When somebody likes your reviews, follows, answers, names or invites you, you read it here.
notification-one = { $name }
notification-two = { $name } and { $also }
notification-many = { $name }, { $also } and { $many } { $count ->
    [one] other
   *[other] others
}
notification-like = { $who } liked your review of { $film }
notification-comment = { $who } commented on your review of { $film }
notification-comment-after = { $who } also commented on a review of { $film } where you commented
notification-comment-mention = { $who } mentioned you in a comment on a review of { $film }
notification-mention = { $name } mentioned you in { $room }
notification-reply = { $name } answered you in { $room }
notification-invitation = { $name } invited you to { $room }
