## What members bring from elsewhere

settings-bring = Import
bring-title = Bring your ratings along
bring-lead = What you rated elsewhere, with its dates. First you see what we found; nothing happens before you say so.
bring-letterboxd = The zip of Settings → Data → Export: ratings, reviews, watchlist.
bring-imdb = The CSV of Your ratings → Export: ten points are five stars.
bring-reeltime = What you exported here, or at another Reeltime: ratings, reviews as you changed them, likes of reviews that are here, and what you want to see. Comments and rooms stay where they are.
bring-file = File
bring-file-hint = A zip or CSV of 16 MB at most.
bring-look = Show what is in it
bring-found = { $count ->
    [one] { $count } film is in the file.
   *[other] { $count } films are in the file.
}
bring-new = { $count } to be imported
bring-known = { $count } that you have reviewed here: they stay as they are
bring-missing = { $count } that we don’t have
bring-more = and { $count } more
bring-unnamed = A film
bring-start = { $count ->
    [one] Import { $count } rating
   *[other] Import { $count } ratings
}
bring-likes = { $count ->
    [one] { $count } review that you like is here, too.
   *[other] { $count } reviews that you like are here, too.
}
bring-lost-likes = { $count ->
    [one] { $count } review that you liked is not here.
   *[other] { $count } reviews that you liked are not here.
}
bring-start-likes = { $count ->
    [one] Like { $count } review
   *[other] Like { $count } reviews
}
bring-wanted = { $count ->
    [one] { $count } film for your watchlist is here.
   *[other] { $count } films for your watchlist are here.
}
bring-lost-wanted = { $count ->
    [one] { $count } film of your watchlist is not here.
   *[other] { $count } films of your watchlist are not here.
}
bring-start-wanted = { $count ->
    [one] Put { $count } film on my watchlist
   *[other] Put { $count } films on my watchlist
}
bring-often = You have imported five files within a day. This one can be imported tomorrow.
bring-another = Another file
bring-importing = Importing…
bring-undoing = Taking it back…
bring-done = { $done } of { $length }
bring-broken-off = It was broken off.
bring-go-on = Go on
bring-imported = { $count ->
    [one] { $count } rating was imported.
   *[other] { $count } ratings were imported.
}
bring-imported-likes = { $count ->
    [one] { $count } review is liked.
   *[other] { $count } reviews are liked.
}
bring-imported-wanted = { $count ->
    [one] { $count } film is on your watchlist.
   *[other] { $count } films are on your watchlist.
}
bring-undo = Undo the import
bring-undo-hint = Until your next import you can undo this one. What you have edited since stays.
bring-undo-question = { $count ->
    [0] The likes and the watchlist that you brought along are taken back.
    [one] { $count } review is deleted, unless you have edited it.
   *[other] { $count } reviews are deleted, but for those that you have edited.
}
bring-undone = The import was taken back.
error-bring-unknown = This is none of the files that we know.
error-bring-long = There are more than 10,000 films in it, or it unpacks to too much.
error-bring-broken = The file can’t be read. It may be incomplete.
error-bring-empty = No film is in it that you rated or want to see.
error-bring-busy = Another import of yours is running.
error-bring-late = The file did not arrive in time.
flash-bring-started = The import has begun.
flash-bring-undoing = The import is being taken back.
