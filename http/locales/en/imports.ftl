## Bringing films in, for operators

nav-imports = Imports
imports-title = Imports
imports-lead = Films from TMDB. What changed since the last time is recorded, nothing else.
imports-start = Start an import
imports-start-lead = One runs at a time. One that was broken off goes on where it was when the same is started again.
imports-no-token = This Reeltime has no token of TMDB’s. Start it with --tmdb-token-file, or run “reeltime import tmdb” beside it; how that goes is shown here, too.
imports-what = What
imports-popular = Popular films
imports-most-voted = Films with most votes
imports-korean = Korean films
imports-changes = Changes of the films that are here
imports-pages = Pages
imports-pages-hint = Twenty films each, 500 pages at most. Changes have no pages.
imports-wait = One is running.
imports-list = Imports until now
imports-none = Nothing was imported yet.
import-finished = Finished
import-failed = Stopped
import-running = Running
import-broken-off = Broken off
import-done = { $done } of { $length } films
import-listed = { $count } new
import-revised = { $count } revised
import-missing = { $count } not to be had
import-unasked = What changed between { $from } and { $to } was not asked for: TMDB tells changes of 14 days alone. “reeltime import tmdb export” (or “ids”) brings those films in again.
import-looking = Finding out which films there are…
import-started = Started
import-ended = finished
flash-import-started = The import has been started.
problem-import-impossible = No import can be started here now

## Joining two films

merge-link = This film is here twice…
merge-title = Join { $film } with another film
merge-lead = The other film goes on for both. This one’s address leads there, and its reviews, rooms and lists follow. Of two reviews by one member the newer stays. This can’t be undone.
merge-offered = Films of a similar name
merge-into = Address of the film that goes on
merge-look = Look at both
merge-sure-title = Are they the same film?
merge-goes = Goes
merge-stays = Stays
merge-doubts = They may be two:
merge-doubt-directors = Nobody directed both.
merge-doubt-years = They are years apart.
merge-doubt-tmdb = TMDB knows them as two.
merge-submit = Join them
error-merge-unknown = Please choose another film, or give its address.
flash-film-merged = The films are one now. Reviews follow within seconds.
problem-same-film = A film can’t be joined with itself
