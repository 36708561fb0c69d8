## When films were seen

diary-title = Diary
diary-empty = Nothing in the diary yet.
diary-own-empty = Your diary is empty. Say in a review when you saw the film, and it is here, month by month.
