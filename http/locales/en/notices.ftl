## What happened to one’s reviews and comments

comment-answer = Reply
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
