## Following

follow = Follow
unfollow = Unfollow
follow-failed = That did not work just now. Please try again.
followers = Followers
following = Following
followers-of = Who follows { $name }
following-of = Whom { $name } follows
follows-label = Followers and following
followers-empty = Nobody yet.
following-empty = Nobody yet.
following-see = See whom you follow
followed-reviews = New from people you follow
followed-reviews-empty = Follow somebody whose reviews you like: what they write next gathers here.
notification-follow = { $who } follows you
problem-oneself = You can’t follow yourself
