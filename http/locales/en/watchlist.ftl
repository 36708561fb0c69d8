## What members want to see

watchlist-title = Watchlist
watchlist-want = Want to watch
watchlist-count =
    { $count ->
        [one] { $count } member wants to watch it
       *[other] { $count } members want to watch it
    }
watchlist-failed = That didn’t get through. Please try again.
watchlist-empty = Nothing on the list yet.
watchlist-own-empty = Your list is empty. Press “Want to watch” on a film’s page, and the film waits here for you.
watchlist-everybody = Everybody can see your list.
