## Recommendations

taste-trending = 요즘 사랑받는 영화
taste-for-you = 취향 저격 추천
taste-for-you-new = 여기서 시작해 보세요
taste-for-you-new-lead = 본 영화에 별점을 한두 개만 남기면 취향에 맞춰 추천해 드려요.
taste-because = 〈{ $film }〉 좋아하셨죠?
taste-like-minded = 취향이 비슷한 사람들이 좋아하는 영화
taste-genre = 자주 좋아하는 장르: { $genre }
taste-akin = 이 영화와 닮은 영화
taste-onward = 이어서 보기 좋은 영화
taste-onward-lead = 이 영화를 좋아하는 사람들이 함께 좋아해요.
taste-similar = 같은 장르에서 많이 본 영화
taste-way = 내 취향에서 여기까지
taste-way-you = 나
taste-way-member = 두 영화를 모두 좋아하는 사람

## Why

taste-because-note = 〈{ $film }〉 좋아하셨죠?
taste-content-note = 〈{ $film }〉 닮은 영화예요
taste-trending-note = 요즘 많이들 좋아해요
taste-same-director = 같은 감독: { $person }
taste-same-people = 함께한 사람: { $people }
taste-same-genres = { $genres }
taste-same-decade = { $decade }년대
taste-same-words = { $words }
taste-both = 공통점: { $what }
taste-liked-together = { $count }명이 둘 다 좋아해요

## The page

taste-title = 내 취향
taste-lead = 지금까지 영화 { $rated }편에 평균 { $average }점을 주었어요. 별 3개 반 이상을 준 { $liked }편은 좋아하는 영화로 봐요.
taste-empty = 아직 보여 드릴 게 없어요. 본 영화에 별점을 남기면 여기에 취향이 나타나요.
taste-find-films = 영화 찾아보기
taste-genres = 장르
taste-decades = 연대
taste-legend-liked = 좋아해요
taste-legend-rated = 별점을 줬어요
taste-bar = { $label }: { $rated }편 중 { $liked }편을 좋아해요
taste-of = { $rated }편 중 { $liked }편
taste-decade = { $decade }년대
taste-people = 좋아하는 영화를 만든 사람들
taste-people-count = { $count }편
taste-fellows = 취향이 비슷한 회원
taste-fellows-count = 함께 좋아하는 영화 { $count }편
taste-see = 내 취향 보기
