## Reviews

review-title = { $name }’s review of { $film }
review-title-former = A review of { $film }
review-description = What { $name } thought of { $film }.
review-form-new = Your review of { $film }
review-form-edit = Edit your review of { $film }
review-rating-label = Your rating
review-rating-hint = Half stars count. Use the arrow keys if you like.
review-text-label = What did you think?
review-text-hint = Up to 10,000 characters. Markdown works: *emphasis*, **strong**, > quote, - list.
review-watched-label = Seen on
review-watched-hint = You can leave it out. With a day, it is in your diary, too.
review-spoiler-label = This gives away the plot
review-spoiler-hint = We cover the text until the reader asks to see it.
review-post = Post review
review-save = Save changes
review-retract = Delete review
review-retract-confirm = Delete this review? Its likes and comments go with it. You can write a new one at any time.
review-draft-restored = We kept the draft that you started here.
review-draft-discard = Discard the draft
review-edited = edited
review-edited-at = Edited on { $date }
review-watched-on = watched { $date }
review-spoiler-cover = This review gives away the plot.
review-spoiler-show = Show it anyway
review-spoiler-hide = Cover it again
review-rating-only = Rated without a review.
review-read-more = Read on
review-open = Open the review
former-member = a former member
text-removed = Removed at its author’s wish.
error-watched = This is no day on which a film can have been seen.
error-watched-later = This day has not come yet.

## Likes

like = Like
unlike = Take back your like
like-this = Like this review by { $name }
likes-count =
    { $count ->
        [0] No likes yet
        [one] { $count } like
       *[other] { $count } likes
    }
like-failed = That like didn’t get through. Please try again.
like-own = You can’t like your own review, however good it is.
like-sign-in = Sign in to like reviews

## Comments

comments-heading = Comments
comments-count =
    { $count ->
        [0] No comments yet
        [one] { $count } comment
       *[other] { $count } comments
    }
comments-empty = No comments yet. Say something kind, or something true.
comment-label = Your comment
comment-hint = Up to 2,000 characters.
comment-post = Post comment
comment-answer = Reply
comment-save = Save comment
comment-edit = Edit comment
comment-retract-confirm = Delete this comment? It can’t be brought back.
comment-edited = edited
comment-sign-in = Sign in to comment
