# Every text that a visitor sees, in English. ko.ftl has exactly the same ids and
# the same variables; a test compares them.

## The house

brand = Reeltime
tagline = For everyone who stays until the credits end
site-description = Find films, write what you thought of them, and talk it over with people who watched them too.
skip-to-content = Skip to content
nav-label = Main
nav-home = Home
nav-films = Films
nav-genres = Genres
nav-reviews = Reviews
nav-account = Account
nav-profile = My page
nav-settings = Settings
nav-sign-in = Sign in
nav-sign-up = Join
nav-sign-out = Sign out
nav-language = Language
language-en = English
language-ko = 한국어
footer-about = A place to keep talking after the lights come up.
footer-posters = The posters are drawn by Reeltime itself.
footer-api = API
breadcrumb-label = You are here
close = Close
cancel = Cancel
save = Save
edit = Edit
delete = Delete
back = Back
more = More
required = required
optional = optional

## The main page

home-title = What people are watching
home-welcome = Stay for the credits.
home-lead = Find films, say what you thought, and hear what others saw in them.
home-join = Join Reeltime
home-browse = Look around first
home-talked-about = Talked about now
home-newly-added = Newly added
home-by-genre = By genre
home-recent-reviews = Fresh reviews
home-popular-reviews = Reviews people love
home-see-all = See all
home-empty = Nobody has said anything yet. Pick a film and be the first.
rail-previous = Scroll back
rail-next = Scroll on

## Films and genres

genres-title = Genres
genres-lead = Nineteen ways in.
genre-title = { $genre } films
genre-description = { $genre } films on Reeltime, with ratings and reviews.
genre-empty = There are no films here yet.
films-title = Films
films-count =
    { $count ->
        [one] { $count } film
       *[other] { $count } films
    }
films-empty = No films yet.
films-sort-label = Order of the films
film-description = { $film } ({ $year }): ratings and reviews on Reeltime.
film-directed-by = Directed by
film-cast = Cast
film-countries = Country
film-genres = Genre
film-original-title = Original title
film-year = Year
film-runtime-label = Length
film-runtime =
    { $hours ->
        [0] { $minutes } min
       *[other]
            { $minutes ->
                [0] { $hours } h
               *[other] { $hours } h { $minutes } min
            }
    }
film-overview = Story
film-facts = Facts
film-poster = Poster: { $film } ({ $year })
film-rating-average = Average rating
film-ratings-count =
    { $count ->
        [0] No ratings yet
        [one] { $count } rating
       *[other] { $count } ratings
    }
film-no-ratings = Nobody has rated this film yet.
film-reviews = Reviews
film-reviews-count =
    { $count ->
        [0] No reviews yet
        [one] { $count } review
       *[other] { $count } reviews
    }
film-reviews-empty = No reviews yet. What did you think?
film-sort-label = Order of the reviews
film-sort-newest = Newest
film-sort-best = Best liked
film-write-review = Write a review
film-edit-review = Edit your review
film-your-review = Your review
film-sign-in-to-review = Sign in to write a review
histogram-label = How people rated it
histogram-bar =
    { $count ->
        [0] { $stars } stars: nobody
        [one] { $stars } stars: { $count } person
       *[other] { $stars } stars: { $count } people
    }
stars-label = { $stars } out of 5 stars
stars-none = Not rated

## Reviews

review-title = { $name }’s review of { $film }
review-title-former = A review of { $film }
review-description = What { $name } thought of { $film }.
review-form-new = Your review of { $film }
review-form-edit = Edit your review of { $film }
review-rating-label = Your rating
review-rating-hint = Half stars count. Use the arrow keys if you like.
review-text-label = What did you think?
review-text-placeholder = The scene you can’t stop thinking about, what it left you with …
review-text-hint = Up to 10,000 characters. Markdown works: *emphasis*, **strong**, > quote, - list.
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
review-spoiler-cover = This review gives away the plot.
review-spoiler-show = Show it anyway
review-spoiler-hide = Cover it again
review-rating-only = Rated without a review.
review-read-more = Read on
review-open = Open the review
review-more-of-film = More reviews of { $film }
former-member = a former member
reviews-empty = No reviews yet.

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
likes-heading = Liked by
likes-empty = No likes yet.
likes-others =
    { $count ->
        [one] and { $count } other person
       *[other] and { $count } others
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
comment-placeholder = Add to the conversation …
comment-hint = Up to 2,000 characters.
comment-post = Post comment
comment-save = Save comment
comment-edit = Edit comment
comment-retract = Delete comment
comment-retract-confirm = Delete this comment? It can’t be brought back.
comment-edited = edited
comment-sign-in = Sign in to comment
comment-by = Comment by { $name }

## Members

member-description = Reviews and comments by { $name } on Reeltime.
member-joined = Here since { $date }
member-about = About
member-about-empty = Nothing here yet.
member-reviews = Reviews
member-comments = Comments
member-likes = Likes
member-reviews-empty = No reviews yet.
member-own-reviews-empty = You haven’t reviewed a film yet. Which one did you see last?
member-comments-empty = No comments yet.
member-likes-empty = No liked reviews yet.
member-edit-profile = Edit profile
member-commented-on = On a review of { $film }
member-tabs-label = What { $name } wrote

## Joining, signing in and out

sign-up-title = Join Reeltime
sign-up-lead = A name, an e-mail address, a password. That’s all.
sign-up-button = Join
sign-up-have-account = Already a member?
sign-in-title = Welcome back
sign-in-lead = Sign in to go on where you stopped.
sign-in-button = Sign in
sign-in-no-account = New here?
sign-out-title = Sign out?
sign-out-button = Sign out
field-name = Name
field-name-hint = 2 to 30 characters. Everybody sees it.
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
settings-withdraw-lead = Your account goes for good, with your name and e-mail address. Your reviews stay, as by “a former member”. This can’t be undone.
settings-withdraw-password = Type your password to confirm
settings-withdraw-button = Delete my account
settings-withdraw-confirm = Delete your account for good?
settings-tabs-label = Settings

## Messages after something was done

flash-label = Message
flash-welcome = Welcome to Reeltime! Which film did you see last?
flash-signed-in = You’re signed in. Good to see you.
flash-signed-out = You’re signed out. See you soon.
flash-review-posted = Your review is up.
flash-review-saved = Your changes are saved.
flash-review-retracted = Your review is deleted.
flash-comment-posted = Your comment is up.
flash-comment-saved = Your comment is saved.
flash-comment-retracted = Your comment is deleted.
flash-profile-saved = Your profile is saved.
flash-password-changed = Your password is changed. Other devices were signed out.
flash-withdrawn = Your account is gone. Thank you for your time with us.

## What a form may get wrong

form-errors =
    { $count ->
        [one] One thing needs another look.
       *[other] { $count } things need another look.
    }
form-sent-already = This form was sent already. If you have changed something since, send it again.
error-required = Please fill this in.
error-name-length = A name has 2 to 30 characters.
error-name-characters = This name contains characters that can’t be seen or typed. Please leave them out.
error-name-taken = Somebody has this name already. Try another?
error-email-shape = This doesn’t look like an e-mail address.
error-email-taken = There is an account with this e-mail address. Do you want to sign in?
error-password-short = A password has at least 8 characters.
error-password-long = This password is too long: it may have 256 letters of the Latin alphabet, or 85 in Korean.
error-password-wrong = That is not your current password.
error-sign-in = The e-mail address or the password is not right.
error-rating-missing = How many stars?
error-rating = A rating is between half a star and five stars, in half steps.
error-review-too-long = A review has at most 10,000 characters.
error-comment-empty = An empty comment says little.
error-comment-too-long = A comment has at most 2,000 characters.
error-about-too-long = This text has at most 1,000 characters.
error-language = We speak English and Korean.
error-characters = This text contains characters that can’t be stored. Please leave them out.

## What can go wrong on the way; the title of a problem and a sentence about it

problem-home = Back to the main page
problem-retry = Try again
problem-code = Error { $status }
problem-reference = Reference { $id }
problem-bad-request = We couldn’t read that request
problem-invalid = Something needs another look
problem-unauthenticated = Please sign in
problem-unauthenticated-detail = You need to be signed in for this.
problem-forbidden = This isn’t allowed
problem-cross-site = This request came from another site
problem-cross-site-detail = Forms can only be sent from Reeltime’s own pages. Open the page again and send it from there.
problem-not-found = There is nothing here
problem-not-found-detail = It was moved or deleted, or it never was. Even good films lose a reel.
problem-method-not-allowed = That can’t be done here
problem-method-not-allowed-detail = This address exists, but it doesn’t answer that kind of request.
problem-not-acceptable = We can’t answer in that form
problem-request-timeout = The request took too long to arrive
problem-conflict = That doesn’t go together
problem-gone = This is gone
problem-payload-too-large = That is too long
problem-payload-too-large-detail = A request may be { $kilobytes } KB long at most.
problem-uri-too-long = This address is too long
problem-unsupported-media-type = We can’t read that format
problem-unsupported-media-type-detail = Please send { $expected }.
problem-precondition-failed = It has changed in the meantime
problem-too-many-requests = A little slower, please
problem-too-many-requests-detail =
    { $seconds ->
        [one] That was too often. Please try again in { $seconds } second.
       *[other] That was too often. Please try again in { $seconds } seconds.
    }
problem-busy = One moment, please
problem-busy-detail = Too much is going on right now. Nothing of yours is lost; please try again in a few seconds.
problem-internal = Something broke on our side
problem-internal-detail = It is not your fault, and we have noted it down. Please try again later.
problem-own-review = You can’t like your own review
problem-name-taken = This name is taken
problem-email-taken = There is an account with this e-mail address
problem-withdrawn = This account is gone
problem-idempotency-key-reused = This Idempotency-Key was used for a different request

## Turning pages

pagination-label = Pages
page-next = Next
page-previous = Previous
page-first = First page
page-older = Older
page-newer = Newer
load-more = Show more

## Time

time-just-now = just now
time-minutes-ago =
    { $count ->
        [one] { $count } minute ago
       *[other] { $count } minutes ago
    }
time-hours-ago =
    { $count ->
        [one] { $count } hour ago
       *[other] { $count } hours ago
    }
time-days-ago =
    { $count ->
        [one] yesterday
       *[other] { $count } days ago
    }
date-long = { $day } { $month } { $year }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

## Genres

genre-action = Action
genre-adventure = Adventure
genre-animation = Animation
genre-comedy = Comedy
genre-crime = Crime
genre-documentary = Documentary
genre-drama = Drama
genre-family = Family
genre-fantasy = Fantasy
genre-history = History
genre-horror = Horror
genre-music = Music
genre-mystery = Mystery
genre-romance = Romance
genre-science-fiction = Science fiction
genre-thriller = Thriller
genre-tv-movie = TV movie
genre-war = War
genre-western = Western

## Countries, by ISO 3166-1

country-ar = Argentina
country-at = Austria
country-au = Australia
country-br = Brazil
country-bw = Botswana
country-by = Belarus
country-ca = Canada
country-cn = China
country-cz = Czechia
country-de = Germany
country-dk = Denmark
country-es = Spain
country-fr = France
country-gb = United Kingdom
country-hk = Hong Kong
country-id = Indonesia
country-ie = Ireland
country-il = Israel
country-in = India
country-ir = Iran
country-it = Italy
country-jp = Japan
country-kr = South Korea
country-lb = Lebanon
country-lu = Luxembourg
country-mx = Mexico
country-no = Norway
country-nz = New Zealand
country-pl = Poland
country-ru = Russia
country-se = Sweden
country-th = Thailand
country-tw = Taiwan
country-ua = Ukraine
country-us = United States
country-vn = Vietnam
country-za = South Africa
