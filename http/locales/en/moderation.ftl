## Reporting

report-this = Report
report-member = Report this member
report-review-title = Report a review
report-comment-title = Report a comment
report-member-title = Report a member
report-reason = What is wrong?
report-hint = Only Reeltime’s moderators see this.
flash-reported = Thank you. Reeltime’s moderators will look at it.
problem-own-thing = You can’t report what is your own

## Hidden, suspended

hidden-note = Reeltime’s moderators have hidden this. Only you see it.
hidden-why = Why, and what you can do
suspended-note = Until { $date } you can read, but not write.
problem-suspended = You can’t write at the moment
problem-suspended-detail = Reeltime’s moderators have suspended your account for a while. Settings say why, and there you can appeal.
problem-hidden = Moderators have hidden your review of this film; it can’t be posted anew
problem-already-moderated = Something was done about this already
problem-already-appealed = You have appealed already
problem-own-measure = Nobody judges what is their own, or their own decision
problem-has-role = Who has a role can’t be suspended; an operator must revoke it first
problem-gone-for-good = A message that was taken back can’t be shown again
error-suspension-time = A suspension ends at some time from now
error-appeal-too-long = An appeal has at most 2,000 characters.

## Notifications

notification-hidden = Reeltime’s moderators have hidden something that you wrote
notification-suspended = Reeltime’s moderators have suspended your account for a while
notification-lifted = What Reeltime’s moderators did holds no more
notification-appeal-granted = Your appeal was granted
notification-appeal-refused = Your appeal was refused

## Moderators’ pages

nav-reports = Reports
moderation-title = Moderation
moderation-tabs = Moderation
moderation-reports = Reports
moderation-appeals = Appeals
moderation-measures = What was done
reports-title = Reports
reports-lead = The oldest first. What you do, its member is told, with your reason.
reports-empty = Nothing is reported. A peaceful place.
flash-report-closed = The report is closed.
reports-alike = { $count } reports
report-by = Reported by
report-own = It is about you: somebody else must look at it.
report-gone = no longer there
report-dismiss = Dismiss
report-uphold = It is dealt with
about-review = Review of { $film }
about-comment = Comment on a review of { $film }
about-member = The member
measure-hide = Hide
measure-take-back = Take back for good
measure-suspend = Suspend
measure-days = For
measure-days-count = { $count ->
    [one] 1 day
   *[other] { $count } days
}
measure-reason = Reason
measure-lift = Lift
measure-by = by
measure-why = Why
measure-appeal = Appeal
measure-lifted = Lifted
measure-message-stays-gone = The message itself can’t be brought back.
measure-of-review = Hidden: a review of { $film }
measure-of-comment = Hidden: a comment on a review of { $film }
measure-of-message = Taken back: a message in a room
measure-of-member = Suspended until { $date }
measure-of-member-ended = Suspended
measures-empty = Nothing was done yet.
appeals-empty = No appeal waits for a decision.
appeal-grant = Grant
appeal-refuse = Refuse
appeal-granted = Granted
appeal-refused = Refused
flash-measure-taken = Done. The member is told.
flash-measure-lifted = It holds no more. The member is told.
flash-appeal-decided = Decided. The member is told.

## A member’s own

own-measures-title = What moderators did
own-measures-lead = What Reeltime’s moderators hid of yours, or why you can’t write at the moment. You can appeal once; somebody else decides.
own-measures-empty = Nothing. Thank you for being good company.
appeal-write = Appeal
appeal-label = Why is it not right?
appeal-hint = Up to 2,000 characters. Moderators see it.
appeal-send = Send
flash-appealed = Your appeal is on its way to the moderators.
