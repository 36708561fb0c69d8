## Bringing films in, for operators

nav-imports = 가져오기
imports-title = 가져오기
imports-lead = TMDB에서 영화를 가져와요. 지난번 이후로 바뀐 것만 기록해요.
imports-start = 가져오기 시작
imports-start-lead = 한 번에 하나씩만 할 수 있어요. 중간에 끊긴 작업은 같은 걸 다시 시작하면 멈춘 곳부터 이어져요.
imports-no-token = 이 Reeltime에는 TMDB 토큰이 없어요. --tmdb-token-file을 붙여 시작하거나 서버에서 직접 “reeltime import tmdb”를 실행해 주세요. 진행 상황은 여기에도 나와요.
imports-what = 가져올 영화
imports-popular = 인기 영화
imports-most-voted = 평가가 많은 영화
imports-korean = 한국 영화
imports-changes = 여기 있는 영화의 바뀐 정보
imports-pages = 페이지 수
imports-pages-hint = 한 페이지에 20편이고 500페이지까지 가져올 수 있어요. 바뀐 정보에는 페이지가 없어요.
imports-wait = 지금 하나가 진행 중이에요.
imports-list = 지금까지 가져온 것
imports-none = 아직 가져온 게 없어요.
import-finished = 끝남
import-failed = 멈춤
import-running = 진행 중
import-broken-off = 중간에 끊김
import-done = { $length }편 중 { $done }편
import-listed = 새 영화 { $count }편
import-revised = 바뀐 영화 { $count }편
import-missing = 찾을 수 없는 영화 { $count }편
import-unasked = { $from }부터 { $to } 사이에 바뀐 정보는 가져오지 못했어요. TMDB는 최근 14일 동안 바뀐 것만 알려 줘요. “reeltime import tmdb export”나 “ids”로 그 영화들을 다시 가져와 주세요.
import-looking = 어떤 영화가 있는지 알아보는 중이에요…
import-started = 시작
import-ended = 끝
flash-import-started = 가져오기를 시작했어요.
problem-import-impossible = 지금은 여기서 가져오기를 시작할 수 없어요

## Joining two films

merge-link = 같은 영화가 또 있어요…
merge-title = { $film } 합치기
merge-lead = 고른 영화만 남아요. 이 영화의 주소는 그쪽으로 이어지고 리뷰와 방, 목록도 옮겨 가요. 한 회원이 둘 다 리뷰했다면 더 최근 리뷰가 남아요. 되돌릴 수 없어요.
merge-offered = 제목이 비슷한 영화
merge-into = 남길 영화의 주소
merge-look = 두 영화 비교하기
merge-sure-title = 정말 같은 영화인가요?
merge-goes = 사라지는 영화
merge-stays = 남는 영화
merge-doubts = 서로 다른 영화일 수 있어요.
merge-doubt-directors = 감독이 서로 달라요.
merge-doubt-years = 개봉 연도가 2년 이상 차이 나요.
merge-doubt-tmdb = TMDB에는 서로 다른 영화로 올라 있어요.
merge-submit = 합치기
error-merge-unknown = 다른 영화를 고르거나 주소를 입력해 주세요.
flash-film-merged = 두 영화를 합쳤어요. 리뷰는 몇 초 안에 옮겨 가요.
problem-same-film = 영화를 그 영화 자신과 합칠 수는 없어요
