## The house

brand = Reeltime
tagline = For everyone who stays until the credits end
site-description = Find films, write what you thought of them, and talk it over with people who watched them too.
skip-to-content = Skip to content
nav-label = Main
nav-films = Films
nav-genres = Genres
nav-account = Account
nav-profile = My page
nav-settings = Settings
nav-sign-in = Sign in
nav-sign-up = Join
nav-sign-out = Sign out
language-en = English
language-ko = 한국어
footer-about = A place to keep talking after the lights come up.
footer-posters = Posters without a picture are drawn by Reeltime itself.
footer-tmdb = This product uses the TMDB API but is not endorsed or certified by TMDB.
footer-api = API
close = Close
cancel = Cancel
save = Save
edit = Edit
delete = Delete
more = More
required = required

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
home-see-all = See all
home-empty = Nobody has said anything yet. Pick a film and be the first.
rail-previous = Scroll back
rail-next = Scroll on

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
error-name-length = A name has 1 to 30 characters.
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
error-forget = Choose one of the two.
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
problem-form-token = This page was too old to be sent
problem-form-token-detail = You have signed in since it was opened. Nothing was changed: open the page again and send it from there.
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
page-first = First page
page-newer = Newer

## Time

date-long = { $day } { $month } { $year }
date-and-time = { $date }, { $time } UTC
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
month-long = { $month } { $year }
