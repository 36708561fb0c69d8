## What happened: a sentence for each type of event, without who did it. The payload's fields are
## variables: ids as names, ratings in stars.

event-untold = —
event-film-listed = listed a film: { $film }
event-film-merged = merged { $film } into another film
event-film-revised = revised the facts of { $film }
event-reservation-reserved = reserved { $kind ->
        [email] an e-mail address
        [identity] an account at a provider
       *[other] a name
    }
event-reservation-released = let go of a reserved name, e-mail address or account at a provider
event-member-signed-up = signed up as { $name }
event-member-renamed = changed the name to { $name }
event-member-about-changed = changed the text about themselves
event-member-language-chosen = chose a language: { $language }
event-member-password-changed = changed the password
event-member-identity-linked = { $provider ->
        [passkey] added a passkey
       *[other] linked an account at { $provider }
    }
event-member-identity-unlinked = { $provider ->
        [passkey] removed a passkey
       *[other] unlinked an account at { $provider }
    }
event-member-second-factor-set = set up two-step sign-in
event-member-second-factor-removed = turned off two-step sign-in
event-member-role-granted = gave { $member } the role { $role }
event-member-role-revoked = took the role { $role } from { $member }
event-member-email-verified = confirmed the e-mail address
event-member-email-changed = changed the e-mail address
event-member-name-let-go = let go of a former name
event-member-withdrawal-asked = asked to leave Reeltime
event-member-withdrawal-taken-back = decided to stay
event-member-withdrawn = withdrew from Reeltime
event-review-posted = reviewed { $film }: { $rating } stars
event-review-rerated = changed the rating of { $film } from { $from } to { $to } stars
event-review-rewritten = rewrote the review of { $film }
event-review-dated = said of { $film } that they saw it on { $watchedon }
event-review-moved = moved the review of { $film } to the film that it was merged into
event-review-retracted = deleted the review of { $film }
event-like-liked = liked { $author }’s review of { $film }
event-like-unliked = took back the like of { $author }’s review of { $film }
event-watchlist-added = wants to see { $film }
event-watchlist-removed = took { $film } off the watchlist
event-follow-followed = followed { $followed }
event-follow-unfollowed = followed { $followed } no more
event-comment-posted = commented on a review of { $film }
event-comment-edited = changed a comment on a review of { $film }
event-comment-retracted = deleted a comment on a review of { $film }
event-forgetting-forgotten = was forgotten: { $extent ->
        [everything] the name and everything written
       *[other] the name
    }
event-room-opened = opened the room { $name }
event-room-renamed = renamed a room to { $name }
event-room-described = changed the description of { $room }
event-room-closing-chosen = chose whether { $room } closes when it is empty
event-room-archived = archived { $room }
event-room-reopened = opened { $room } again
event-room-message-posted = wrote in { $room }
event-room-message-edited = changed a message in { $room }
event-room-message-retracted = deleted a message in { $room }
event-room-reacted = reacted in { $room } with { $reaction }
event-room-unreacted = took back { $reaction } in { $room }
event-room-entered = entered { $room }
event-room-left = left { $room }
event-room-invited = invited { $member } to { $room }
event-room-invitation-declined = declined the invitation to { $room }
event-room-muted = muted { $member } in { $room }
event-room-unmuted = let { $member } speak again in { $room }
event-room-removed = removed { $member } from { $room }
event-room-banned = banned { $member } from { $room }
event-room-unbanned = lifted the ban of { $member } from { $room }
event-room-slow-mode-set = set slow mode in { $room }: { $seconds } seconds
event-room-moderator-appointed = made { $member } a moderator of { $room }
event-room-moderator-dismissed = ended { $member }’s moderating of { $room }
event-read-marker-moved = read in { $room }
event-report-filed = reported something to Reeltime’s moderators
event-report-closed = closed a report: { $outcome ->
        [upheld] something was done
       *[other] nothing was done
    }
event-review-hidden = hid a review of { $member }
event-review-restored = showed a review of { $member } again
event-comment-hidden = hid a comment of { $member }
event-comment-restored = showed a comment of { $member } again
event-member-suspended = suspended { $member } until { $until }
event-member-reinstated = let { $member } write again
event-measure-taken = took a measure against { $member }: { $reason }
event-measure-lifted = lifted a measure against { $member }
event-measure-ended = a measure against { $member } ended by itself
event-measure-appealed = appealed against a measure: { $text }
event-measure-decided = decided an appeal of { $member }: { $reason }
event-notifications-seen = saw their notifications
event-audit-read = looked into the log as an auditor

## The log, for auditors

nav-audit = The log
audit-title = The log
audit-lead = Everything that happened, as it was recorded. What you read here about others is recorded, too, and they can see it.
audit-filters = Filter
audit-apply = Show
audit-clear = Show everything
audit-type = What happened
audit-any-type = Anything
audit-actor = Caused by
audit-member = About
audit-member-hint = A member’s name or number
audit-film = Film
audit-film-hint = A film’s number
audit-stream = Stream
audit-stream-hint = Such as review-…
audit-correlation = Request
audit-since = From
audit-until = Before
audit-order = Order
audit-newest = Newest first
audit-oldest = Oldest first
audit-nobody = Nobody signed in
audit-empty = Nothing here matches. There may be more further on.
audit-nothing = Nothing matches.
audit-more = Look further
audit-details = Details
audit-forgotten = forgotten
audit-unreadable = This can’t be read: { $why }
audit-receipt = Receipt
audit-same-request = Same request
audit-follows = Follows from
audit-only = Show in the timeline
audit-stream-title = One thing’s history
audit-version = Version { $version }
audit-at = At
audit-at-hint = A version or a time; empty: now
audit-state = What it is at version { $version }
audit-state-none = Nothing had happened yet.
audit-changes = What changed
audit-unchanged = The state did not change.
audit-earlier = Earlier versions
audit-steps = How it came to be
audit-show-then = As it was then
audit-error-member = Nobody here has this name.
problem-audit-too-long = This can’t be shown as it was then
problem-audit-too-long-detail = So much happened to it that an early state is not computed here. Choose a recent one, or ask whoever runs Reeltime (replay-tool history).
audit-error-value = This is none: { $field }
audit-as-of-title = The site as of…
audit-as-of-lead = The whole site can be built as it was at any position or time, beside the live one, and served read-only. Whoever runs the machine does it:

## One’s own history

history-title = My history
history-lead = Everything that you did here, what was done about you, and who looked at it as an auditor. Only you see this page.
history-export = Download everything
history-export-hint = A zip with JSON and CSV, everything you ever wrote, and a receipt for each event, with which you can prove that it is in the log.
history-empty = Nothing yet.
history-you = You
history-system = Reeltime
history-read-you = read your history as an auditor
nav-history = My history
