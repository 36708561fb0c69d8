## Members

member-description = Reviews and comments by { $name } on Reeltime.
member-joined = Here since { $date }
member-about = About
member-reviews = Reviews
member-comments = Comments
member-likes = Likes
member-best = Best rated
member-rated = { $count ->
    [one] 1 film rated
   *[other] { $count } films rated
}
member-reviews-empty = No reviews yet.
member-own-reviews-empty = You haven’t reviewed a film yet. Which one did you see last?
member-comments-empty = No comments yet.
member-likes-empty = No liked reviews yet.
member-edit-profile = Edit profile
member-commented-on = On a review of { $film }
member-tabs-label = { $name }’s page

## Joining, signing in and out

sign-up-title = Join Reeltime
sign-up-lead = A name, an e-mail address, a password. That’s all.
sign-up-button = Join
sign-up-have-account = Already a member?
sign-in-title = Welcome back
sign-in-lead = Sign in to go on where you stopped.
sign-in-button = Sign in
sign-in-no-account = New here?
field-name = Name
field-name-hint = Up to 30 characters. Everybody sees it.
field-email = E-mail
field-email-hint = Only you see it.
field-password = Password
field-password-hint = At least 8 characters. A sentence makes a good one.
field-about = About you
field-about-hint = Up to 1,000 characters. Everybody sees it.
field-language = Language
field-current-password = Current password
field-new-password = New password

## Settings

settings-title = Settings
settings-profile = Profile
settings-profile-lead = This is how others see you.
settings-password = Password
settings-password-lead = Your other devices are signed out when you change it.
settings-password-save = Change password
settings-withdraw = Leave Reeltime
settings-withdraw-lead = Your account goes for good, with your name, your e-mail address and what you said about yourself. This can’t be undone.
settings-withdraw-ways = What should happen to what you wrote?
settings-withdraw-identity = Leave it, without my name
settings-withdraw-identity-hint = Your reviews, comments and messages stay, as by “a former member”.
settings-withdraw-everything = Take everything with me
settings-withdraw-everything-hint = The texts of your reviews, comments and messages are destroyed: nobody will ever read them again. In their place stands “Removed at its author’s wish”. What others wrote in reply stays.
settings-withdraw-stars = Either way your star ratings and likes stay, without your name; the stars still count in the films’ averages.
settings-withdraw-password = Type your password to confirm
settings-withdraw-button = Delete my account
settings-tabs-label = Settings
