## Films and genres

genres-title = Genres
genres-lead = Nineteen ways in.
genre-title = { $genre } films
genre-description = { $genre } films on Reeltime, with ratings and reviews.
films-title = Films
films-count =
    { $count ->
        [one] { $count } film
       *[other] { $count } films
    }
films-sort-label = Order of the films
films-sort-newest = Newly added
films-sort-talked-about = Talked about now
films-sort-best-rated = Best rated
films-sort-latest = Latest releases
films-sort-oldest = Oldest releases
films-unseen = Hide what I have seen
films-seen-too = Show what I have seen, too
films-decades-label = When they came out
films-decade = { $year }s
films-decade-all = All years
films-none-here = There are no films here.
film-description = { $film }: ratings and reviews on Reeltime.
film-directed-by = Directed by
film-cast = Cast
film-countries = Country
film-genres = Genre
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
film-rating-average = Average rating
film-ratings-count =
    { $count ->
        [0] No ratings yet
        [one] { $count } rating
       *[other] { $count } ratings
    }
film-no-ratings = Nobody has rated this film yet.
film-reviews = Reviews
film-reviews-empty = No reviews yet. What did you think?
film-sort-label = Order of the reviews
film-sort-newest = Newest
film-sort-best = Best liked
film-sort-ratings = All ratings ({ $count })
film-write-review = Write a review
film-edit-review = Edit your review
film-your-review = Your review
film-sign-in-to-review = Sign in to write a review
film-trailer = Watch the trailer
film-elsewhere = Elsewhere
histogram-label = How people rated it
histogram-bar =
    { $count ->
        [0] { $stars } stars: nobody
        [one] { $stars } stars: { $count } person
       *[other] { $stars } stars: { $count } people
    }
stars-label = { $stars } out of 5 stars

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
