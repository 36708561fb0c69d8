## What members want to see

watchlist-title = 보고 싶은 영화
watchlist-want = 보고 싶어요
watchlist-count = { $count }명이 보고 싶어 해요
watchlist-failed = 저장되지 않았어요. 다시 한번 눌러 주세요.
watchlist-empty = 아직 담은 영화가 없어요.
watchlist-own-empty = 아직 담은 영화가 없어요. 영화 페이지에서 ‘보고 싶어요’를 누르면 여기에 모여요.
watchlist-everybody = 이 목록은 누구나 볼 수 있어요.
