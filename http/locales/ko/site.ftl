## The house

brand = Reeltime
tagline = 엔딩 크레딧까지 함께 보는 사람들
site-description = 영화를 찾고, 느낀 점을 남기고, 같은 영화를 본 사람들과 이야기를 나눠 보세요.
skip-to-content = 본문으로 건너뛰기
nav-label = 주 메뉴
nav-films = 영화
nav-genres = 장르
nav-account = 내 계정
nav-profile = 내 페이지
nav-settings = 설정
nav-sign-in = 로그인
nav-sign-up = 가입하기
nav-sign-out = 로그아웃
language-en = English
language-ko = 한국어
footer-about = 불이 켜진 뒤에도 이야기가 이어지는 곳이에요.
footer-posters = 사진이 없는 포스터는 Reeltime이 직접 그려요.
footer-tmdb = 이 서비스는 TMDB API를 쓰지만 TMDB의 보증이나 인증을 받지 않았어요.
footer-api = API
close = 닫기
cancel = 취소
save = 저장
edit = 수정
delete = 삭제
more = 더 보기
required = 필수

## The main page

home-title = 지금 사람들이 보는 영화
home-welcome = 크레딧이 끝날 때까지.
home-lead = 영화를 찾고, 느낀 점을 남기고, 다른 사람은 어떻게 봤는지 들어 보세요.
home-join = Reeltime 가입하기
home-browse = 먼저 둘러볼게요
home-talked-about = 지금 화제인 영화
home-newly-added = 새로 들어온 영화
home-by-genre = 장르별로 보기
home-recent-reviews = 방금 올라온 리뷰
home-see-all = 모두 보기
home-empty = 아직 아무도 이야기를 시작하지 않았어요. 영화를 하나 골라 첫마디를 남겨 보세요.
rail-previous = 이전 영화 보기
rail-next = 다음 영화 보기

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
error-name-length = 이름은 1~30자로 지어 주세요.
error-name-characters = 보이지 않거나 입력할 수 없는 문자가 들어 있어요. 빼고 다시 써 주세요.
error-name-taken = 이미 누가 쓰고 있는 이름이에요. 다른 이름은 어때요?
error-email-shape = 이메일 주소가 아닌 것 같아요.
error-email-taken = 이 이메일로 만든 계정이 있어요. 로그인하시겠어요?
error-password-short = 비밀번호는 8자 이상이어야 해요.
error-password-long = 비밀번호가 너무 길어요. 한글은 85자, 영문은 256자까지 쓸 수 있어요.
error-password-wrong = 지금 비밀번호와 달라요.
error-sign-in = 이메일이나 비밀번호가 맞지 않아요.
error-rating-missing = 별점을 골라 주세요.
error-rating = 별점은 반 개부터 다섯 개까지, 반 개 단위로 줄 수 있어요.
error-review-too-long = 리뷰는 10,000자까지 쓸 수 있어요.
error-comment-empty = 댓글이 비어 있어요.
error-comment-too-long = 댓글은 2,000자까지 쓸 수 있어요.
error-about-too-long = 소개는 1,000자까지 쓸 수 있어요.
error-language = 한국어와 영어만 쓸 수 있어요.
error-forget = 둘 중 하나를 골라 주세요.
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
problem-form-token = 너무 오래된 페이지에서 보냈어요
problem-form-token-detail = 이 페이지를 연 뒤에 다시 로그인했어요. 바뀐 것은 없으니 페이지를 새로 열어 다시 보내 주세요.
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
page-first = 첫 페이지
page-newer = 새 글

## Time

date-long = { $year }년 { $month } { $day }일
date-and-time = { $date } { $time }(UTC)
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
month-long = { $year }년 { $month }
