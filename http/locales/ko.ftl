# Every text that a visitor sees, in Korean (해요체). en.ftl has exactly the same ids
# and the same variables; a test compares them.

## The house

brand = Reeltime
tagline = 엔딩 크레딧까지 함께 보는 사람들
site-description = 영화를 찾고, 느낀 점을 남기고, 같은 영화를 본 사람들과 이야기를 나눠 보세요.
skip-to-content = 본문으로 건너뛰기
nav-label = 주 메뉴
nav-home = 홈
nav-films = 영화
nav-genres = 장르
nav-reviews = 리뷰
nav-account = 내 계정
nav-profile = 내 페이지
nav-settings = 설정
nav-sign-in = 로그인
nav-sign-up = 가입하기
nav-sign-out = 로그아웃
nav-language = 언어
language-en = English
language-ko = 한국어
footer-about = 불이 켜진 뒤에도 이야기가 이어지는 곳이에요.
footer-posters = 포스터는 Reeltime이 직접 그려요.
footer-api = API
breadcrumb-label = 현재 위치
close = 닫기
cancel = 취소
save = 저장
edit = 수정
delete = 삭제
back = 뒤로
more = 더 보기
required = 필수
optional = 선택

## The main page

home-title = 지금 사람들이 보는 영화
home-welcome = 크레딧이 끝날 때까지.
home-lead = 영화를 찾고, 느낀 점을 남기고, 다른 사람은 무엇을 보았는지 들어 보세요.
home-join = Reeltime 가입하기
home-browse = 먼저 둘러볼게요
home-talked-about = 지금 이야기되는 영화
home-newly-added = 새로 들어온 영화
home-by-genre = 장르별로 보기
home-recent-reviews = 방금 올라온 리뷰
home-popular-reviews = 사랑받는 리뷰
home-see-all = 모두 보기
home-empty = 아직 아무도 이야기를 시작하지 않았어요. 영화를 하나 골라 첫마디를 남겨 보세요.
rail-previous = 앞으로 넘기기
rail-next = 뒤로 넘기기

## Films and genres

genres-title = 장르
genres-lead = 영화로 들어가는 열아홉 개의 문이에요.
genre-title = { $genre } 영화
genre-description = Reeltime의 { $genre } 영화와 별점, 리뷰를 만나 보세요.
genre-empty = 아직 이 장르의 영화가 없어요.
films-title = 영화
films-count = 영화 { $count }편
films-empty = 아직 영화가 없어요.
films-sort-label = 영화 정렬
film-description = 〈{ $film }〉({ $year })의 별점과 리뷰를 Reeltime에서 만나 보세요.
film-directed-by = 감독
film-cast = 출연
film-countries = 국가
film-genres = 장르
film-original-title = 원제
film-year = 연도
film-runtime-label = 상영 시간
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
film-poster = 포스터: { $film } ({ $year })
film-rating-average = 평균 별점
film-ratings-count =
    { $count ->
        [0] 아직 별점이 없어요
       *[other] { $count }명이 평가했어요
    }
film-no-ratings = 아직 아무도 별점을 주지 않았어요.
film-reviews = 리뷰
film-reviews-count =
    { $count ->
        [0] 아직 리뷰가 없어요
       *[other] 리뷰 { $count }개
    }
film-reviews-empty = 아직 리뷰가 없어요. 어떻게 보셨나요?
film-sort-label = 리뷰 정렬
film-sort-newest = 최신순
film-sort-best = 좋아요순
film-write-review = 리뷰 쓰기
film-edit-review = 내 리뷰 수정하기
film-your-review = 내 리뷰
film-sign-in-to-review = 로그인하고 리뷰 쓰기
histogram-label = 별점 분포
histogram-bar =
    { $count ->
        [0] 별 { $stars }개: 없음
       *[other] 별 { $stars }개: { $count }명
    }
stars-label = 별 5개 중 { $stars }개
stars-none = 별점 없음

## Reviews

review-title = { $name } 님의 〈{ $film }〉 리뷰
review-title-former = 〈{ $film }〉 리뷰
review-description = { $name } 님은 〈{ $film }〉 영화를 이렇게 봤어요.
review-form-new = 〈{ $film }〉 리뷰 쓰기
review-form-edit = 〈{ $film }〉 리뷰 수정하기
review-rating-label = 내 별점
review-rating-hint = 별 반 개도 줄 수 있어요. 화살표 키로도 고를 수 있어요.
review-text-label = 어떻게 보셨나요?
review-text-placeholder = 자꾸 생각나는 장면, 보고 나서 남은 마음 …
review-text-hint = 10,000자까지 쓸 수 있어요. 마크다운도 돼요: *기울임*, **굵게**, > 인용, - 목록
review-spoiler-label = 줄거리가 드러나요
review-spoiler-hint = 읽는 사람이 원할 때까지 글을 가려 둘게요.
review-post = 리뷰 올리기
review-save = 수정한 내용 저장
review-retract = 리뷰 삭제
review-retract-confirm = 이 리뷰를 삭제할까요? 좋아요와 댓글도 함께 사라져요. 리뷰는 언제든 새로 쓸 수 있어요.
review-draft-restored = 쓰던 글을 불러왔어요.
review-draft-discard = 쓰던 글 버리기
review-edited = 수정됨
review-edited-at = { $date }에 수정했어요
review-spoiler-cover = 줄거리가 드러나는 리뷰예요.
review-spoiler-show = 그래도 볼게요
review-spoiler-hide = 다시 가리기
review-rating-only = 별점만 남겼어요.
review-read-more = 이어서 읽기
review-open = 리뷰 열기
review-more-of-film = 〈{ $film }〉 리뷰 더 보기
former-member = 탈퇴한 회원
reviews-empty = 아직 리뷰가 없어요.

## Likes

like = 좋아요
unlike = 좋아요 취소
like-this = { $name } 님의 리뷰 좋아요
likes-count =
    { $count ->
        [0] 아직 좋아요가 없어요
       *[other] 좋아요 { $count }개
    }
likes-heading = 좋아한 사람
likes-empty = 아직 좋아요가 없어요.
likes-others = 외 { $count }명
like-failed = 좋아요가 전해지지 않았어요. 다시 한번 눌러 주세요.
like-own = 아무리 잘 썼어도 내 리뷰에는 좋아요를 누를 수 없어요.
like-sign-in = 로그인하고 좋아요 누르기

## Comments

comments-heading = 댓글
comments-count =
    { $count ->
        [0] 아직 댓글이 없어요
       *[other] 댓글 { $count }개
    }
comments-empty = 아직 댓글이 없어요. 첫 댓글을 남겨 보세요.
comment-label = 내 댓글
comment-placeholder = 이야기를 이어 가 보세요 …
comment-hint = 2,000자까지 쓸 수 있어요.
comment-post = 댓글 달기
comment-save = 댓글 저장
comment-edit = 댓글 수정
comment-retract = 댓글 삭제
comment-retract-confirm = 이 댓글을 삭제할까요? 되돌릴 수 없어요.
comment-edited = 수정됨
comment-sign-in = 로그인하고 댓글 달기
comment-by = { $name } 님의 댓글

## Members

member-description = { $name } 님이 Reeltime에 남긴 리뷰와 댓글이에요.
member-joined = { $date }부터 함께했어요
member-about = 소개
member-about-empty = 아직 소개가 없어요.
member-reviews = 리뷰
member-comments = 댓글
member-likes = 좋아요
member-reviews-empty = 아직 쓴 리뷰가 없어요.
member-own-reviews-empty = 아직 리뷰를 쓰지 않았어요. 마지막으로 본 영화는 무엇인가요?
member-comments-empty = 아직 단 댓글이 없어요.
member-likes-empty = 아직 좋아한 리뷰가 없어요.
member-edit-profile = 프로필 수정
member-commented-on = 〈{ $film }〉 리뷰에서
member-tabs-label = { $name } 님이 쓴 글

## Joining, signing in and out

sign-up-title = Reeltime 가입하기
sign-up-lead = 이름, 이메일, 비밀번호만 있으면 돼요.
sign-up-button = 가입하기
sign-up-have-account = 이미 회원이신가요?
sign-in-title = 다시 만나서 반가워요
sign-in-lead = 로그인하고 멈춘 곳에서 이어 가세요.
sign-in-button = 로그인
sign-in-no-account = 처음 오셨나요?
sign-out-title = 로그아웃할까요?
sign-out-button = 로그아웃
field-name = 이름
field-name-hint = 2~30자예요. 모두에게 보여요.
field-email = 이메일
field-email-hint = 나만 볼 수 있어요.
field-password = 비밀번호
field-password-hint = 8자 이상이에요. 문장 하나를 통째로 써도 좋아요.
field-about = 소개
field-about-hint = 1,000자까지 쓸 수 있어요. 모두에게 보여요.
field-language = 언어
field-current-password = 지금 비밀번호
field-new-password = 새 비밀번호

## Settings

settings-title = 설정
settings-profile = 프로필
settings-profile-lead = 다른 사람에게 이렇게 보여요.
settings-password = 비밀번호
settings-password-lead = 비밀번호를 바꾸면 다른 기기에서는 로그아웃돼요.
settings-password-save = 비밀번호 바꾸기
settings-withdraw = 탈퇴하기
settings-withdraw-lead = 이름과 이메일을 포함해 계정이 완전히 사라져요. 쓴 리뷰는 ‘탈퇴한 회원’의 글로 남아요. 되돌릴 수 없어요.
settings-withdraw-password = 확인을 위해 비밀번호를 입력해 주세요
settings-withdraw-button = 계정 삭제하기
settings-withdraw-confirm = 계정을 완전히 삭제할까요?
settings-tabs-label = 설정

## Messages after something was done

flash-label = 알림
flash-welcome = Reeltime에 오신 걸 환영해요! 마지막으로 본 영화는 무엇인가요?
flash-signed-in = 로그인했어요. 반가워요.
flash-signed-out = 로그아웃했어요. 또 만나요.
flash-review-posted = 리뷰를 올렸어요.
flash-review-saved = 수정한 내용을 저장했어요.
flash-review-retracted = 리뷰를 삭제했어요.
flash-comment-posted = 댓글을 달았어요.
flash-comment-saved = 댓글을 저장했어요.
flash-comment-retracted = 댓글을 삭제했어요.
flash-profile-saved = 프로필을 저장했어요.
flash-password-changed = 비밀번호를 바꿨어요. 다른 기기에서는 로그아웃했어요.
flash-withdrawn = 계정을 삭제했어요. 그동안 함께해 주셔서 고마워요.

## What a form may get wrong

form-errors = { $count }가지를 다시 확인해 주세요.
form-sent-already = 이미 보낸 양식이에요. 그 뒤에 고친 내용이 있다면 다시 한번 보내 주세요.
error-required = 이 칸을 채워 주세요.
error-name-length = 이름은 2~30자로 지어 주세요.
error-name-characters = 보이지 않거나 입력할 수 없는 문자가 들어 있어요. 빼고 다시 써 주세요.
error-name-taken = 이미 누가 쓰고 있는 이름이에요. 다른 이름은 어때요?
error-email-shape = 이메일 주소가 아닌 것 같아요.
error-email-taken = 이 이메일로 만든 계정이 있어요. 로그인하시겠어요?
error-password-short = 비밀번호는 8자 이상이어야 해요.
error-password-long = 비밀번호가 너무 길어요. 한글은 85자, 영문은 256자까지 쓸 수 있어요.
error-password-wrong = 지금 비밀번호와 달라요.
error-sign-in = 이메일이나 비밀번호가 맞지 않아요.
error-rating-missing = 별을 몇 개 줄까요?
error-rating = 별점은 반 개부터 다섯 개까지, 반 개 단위로 줄 수 있어요.
error-review-too-long = 리뷰는 10,000자까지 쓸 수 있어요.
error-comment-empty = 댓글이 비어 있어요.
error-comment-too-long = 댓글은 2,000자까지 쓸 수 있어요.
error-about-too-long = 소개는 1,000자까지 쓸 수 있어요.
error-language = 한국어와 영어만 쓸 수 있어요.
error-characters = 저장할 수 없는 문자가 들어 있어요. 빼고 다시 써 주세요.

## What can go wrong on the way; the title of a problem and a sentence about it

problem-home = 첫 화면으로
problem-retry = 다시 시도하기
problem-code = 오류 { $status }
problem-reference = 문의 번호 { $id }
problem-bad-request = 요청을 읽지 못했어요
problem-invalid = 다시 확인할 곳이 있어요
problem-unauthenticated = 로그인해 주세요
problem-unauthenticated-detail = 로그인해야 할 수 있는 일이에요.
problem-forbidden = 할 수 없는 일이에요
problem-cross-site = 다른 사이트에서 온 요청이에요
problem-cross-site-detail = Reeltime 페이지에서 보낸 양식만 받을 수 있어요. 페이지를 다시 열고 보내 주세요.
problem-not-found = 여기에는 아무것도 없어요
problem-not-found-detail = 옮겨졌거나, 삭제됐거나, 처음부터 없던 페이지예요. 좋은 영화도 필름 한 통쯤은 잃어버리곤 해요.
problem-method-not-allowed = 여기서는 할 수 없어요
problem-method-not-allowed-detail = 주소는 맞지만 이런 요청은 받지 않아요.
problem-not-acceptable = 그 형식으로는 답할 수 없어요
problem-request-timeout = 요청이 도착하는 데 너무 오래 걸렸어요
problem-conflict = 서로 맞지 않는 요청이에요
problem-gone = 이제는 없어요
problem-payload-too-large = 너무 길어요
problem-payload-too-large-detail = 요청은 { $kilobytes }KB까지 보낼 수 있어요.
problem-uri-too-long = 주소가 너무 길어요
problem-unsupported-media-type = 읽을 수 없는 형식이에요
problem-unsupported-media-type-detail = { $expected } 형식으로 보내 주세요.
problem-precondition-failed = 그사이에 내용이 바뀌었어요
problem-too-many-requests = 조금만 천천히 해 주세요
problem-too-many-requests-detail = 너무 자주 시도했어요. { $seconds }초 뒤에 다시 해 주세요.
problem-busy = 잠시만 기다려 주세요
problem-busy-detail = 지금 일이 조금 몰렸어요. 사라진 것은 없으니 몇 초 뒤에 다시 해 주세요.
problem-internal = 저희 쪽에서 문제가 생겼어요
problem-internal-detail = 여러분 잘못이 아니에요. 기록해 두었으니 나중에 다시 시도해 주세요.
problem-own-review = 내 리뷰에는 좋아요를 누를 수 없어요
problem-name-taken = 이미 쓰고 있는 이름이에요
problem-email-taken = 이 이메일로 만든 계정이 있어요
problem-withdrawn = 이제 없는 계정이에요
problem-idempotency-key-reused = 이 Idempotency-Key는 다른 요청에 이미 쓰였어요

## Turning pages

pagination-label = 페이지
page-next = 다음
page-previous = 이전
page-first = 첫 페이지
page-older = 지난 글
page-newer = 새 글
load-more = 더 보기

## Time

time-just-now = 방금
time-minutes-ago = { $count }분 전
time-hours-ago = { $count }시간 전
time-days-ago =
    { $count ->
        [1] 어제
       *[other] { $count }일 전
    }
date-long = { $year }년 { $month } { $day }일
month-1 = 1월
month-2 = 2월
month-3 = 3월
month-4 = 4월
month-5 = 5월
month-6 = 6월
month-7 = 7월
month-8 = 8월
month-9 = 9월
month-10 = 10월
month-11 = 11월
month-12 = 12월

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
