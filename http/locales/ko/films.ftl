## Films and genres

genres-title = 장르
genres-lead = 영화로 들어가는 열아홉 개의 문이에요.
genre-title = { $genre } 영화
genre-description = Reeltime의 { $genre } 영화와 별점, 리뷰를 만나 보세요.
films-title = 영화
films-count = 영화 { $count }편
films-sort-label = 영화 정렬
films-sort-newest = 새로 들어온 순
films-sort-talked-about = 화제순
films-sort-best-rated = 별점순
films-sort-latest = 개봉 최신순
films-sort-oldest = 개봉 오래된순
films-unseen = 본 영화 숨기기
films-seen-too = 본 영화도 보기
films-decades-label = 개봉 연대
films-decade = { $year }년대
films-decade-all = 전체
films-none-here = 조건에 맞는 영화가 없어요.
film-description = 〈{ $film }〉의 별점과 리뷰를 Reeltime에서 만나 보세요.
film-directed-by = 감독
film-cast = 출연
film-countries = 국가
film-genres = 장르
film-runtime =
    { $hours ->
        [0] { $minutes }분
       *[other]
            { $minutes ->
                [0] { $hours }시간
               *[other] { $hours }시간 { $minutes }분
            }
    }
film-overview = 줄거리
film-facts = 정보
film-rating-average = 평균 별점
film-ratings-count =
    { $count ->
        [0] 아직 별점이 없어요
       *[other] { $count }명이 평가했어요
    }
film-no-ratings = 아직 아무도 별점을 주지 않았어요.
film-reviews = 리뷰
film-reviews-empty = 아직 리뷰가 없어요. 어떻게 보셨나요?
film-sort-label = 리뷰 정렬
film-sort-newest = 최신순
film-sort-best = 좋아요순
film-sort-ratings = 별점 모두 ({ $count })
film-write-review = 리뷰 쓰기
film-edit-review = 내 리뷰 수정하기
film-your-review = 내 리뷰
film-sign-in-to-review = 로그인하고 리뷰 쓰기
film-trailer = 예고편 보기
film-elsewhere = 다른 곳에서
histogram-label = 별점 분포
histogram-bar =
    { $count ->
        [0] 별 { $stars }개: 없음
       *[other] 별 { $stars }개: { $count }명
    }
stars-label = 별 5개 중 { $stars }개

## Genres

genre-action = 액션
genre-adventure = 모험
genre-animation = 애니메이션
genre-comedy = 코미디
genre-crime = 범죄
genre-documentary = 다큐멘터리
genre-drama = 드라마
genre-family = 가족
genre-fantasy = 판타지
genre-history = 역사
genre-horror = 공포
genre-music = 음악
genre-mystery = 미스터리
genre-romance = 로맨스
genre-science-fiction = SF
genre-thriller = 스릴러
genre-tv-movie = TV 영화
genre-war = 전쟁
genre-western = 서부

## Countries, by ISO 3166-1

country-ar = 아르헨티나
country-at = 오스트리아
country-au = 호주
country-br = 브라질
country-bw = 보츠와나
country-by = 벨라루스
country-ca = 캐나다
country-cn = 중국
country-cz = 체코
country-de = 독일
country-dk = 덴마크
country-es = 스페인
country-fr = 프랑스
country-gb = 영국
country-hk = 홍콩
country-id = 인도네시아
country-ie = 아일랜드
country-il = 이스라엘
country-in = 인도
country-ir = 이란
country-it = 이탈리아
country-jp = 일본
country-kr = 대한민국
country-lb = 레바논
country-lu = 룩셈부르크
country-mx = 멕시코
country-no = 노르웨이
country-nz = 뉴질랜드
country-pl = 폴란드
country-ru = 러시아
country-se = 스웨덴
country-th = 태국
country-tw = 대만
country-ua = 우크라이나
country-us = 미국
country-vn = 베트남
country-za = 남아프리카 공화국
