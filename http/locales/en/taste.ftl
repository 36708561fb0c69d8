## Recommendations

taste-trending = Trending
taste-for-you = For you
taste-for-you-new = Start with these
taste-for-you-new-lead = Rate a film or two that you know, and this becomes a list of your own.
taste-because = Because you liked { $film }
taste-like-minded = From people who like what you like
taste-genre = { $genre }, your kind
taste-akin = Films like this one
taste-onward = From here you could go to
taste-onward-lead = What people like who like this film.
taste-similar = Same genres, most votes
taste-way = How you get here
taste-way-you = You
taste-way-member = someone who likes both

## Why

taste-because-note = Because you liked { $film }
taste-content-note = Not unlike { $film }
taste-trending-note = Liked by many now
taste-same-director = Also by { $person }
taste-same-people = With { $people }
taste-same-genres = { $genres }
taste-same-decade = { $decade }s
taste-same-words = { $words }
taste-both = Both: { $what }
taste-liked-together =
    { $count ->
        [one] { $count } person likes both
       *[other] { $count } people like both
    }

## The page

taste-title = Your taste
taste-lead =
    { $rated ->
        [one] You have rated { $rated } film, { $average } stars on average.
       *[other] You have rated { $rated } films, { $average } stars on average.
    } You liked { $liked }: what you gave 3½ stars or more.
taste-empty = Nothing to see yet. Rate a few films that you know, and your taste takes shape here.
taste-find-films = Find films
taste-genres = Genres
taste-decades = Decades
taste-legend-liked = liked
taste-legend-rated = rated
taste-bar =
    { $rated ->
        [one] { $label }: { $liked } liked of { $rated } film
       *[other] { $label }: { $liked } liked of { $rated } films
    }
taste-of = { $liked } of { $rated }
taste-decade = { $decade }s
taste-people = People whose films you like
taste-people-count =
    { $count ->
        [one] { $count } film
       *[other] { $count } films
    }
taste-fellows = Members who like what you like
taste-fellows-count =
    { $count ->
        [one] { $count } film in common
       *[other] { $count } films in common
    }
taste-see = Your taste
