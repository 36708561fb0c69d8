## What members bring from elsewhere

settings-bring = 가져오기
bring-title = 내 별점 가져오기
bring-lead = 다른 곳에서 남긴 별점을 날짜까지 그대로 옮겨요. 먼저 무엇을 찾았는지 보여 드리고, 확인하기 전에는 아무것도 하지 않아요.
bring-letterboxd = Settings → Data → Export에서 받은 zip 파일이에요. 별점과 리뷰, 보고 싶은 영화를 가져와요.
bring-imdb = Your ratings → Export에서 받은 CSV 파일이에요. 10점이 별 다섯 개예요.
bring-reeltime = 여기나 다른 Reeltime에서 내보낸 파일이에요. 별점, 고친 기록까지 담은 리뷰, 여기 있는 리뷰에 누른 좋아요, 보고 싶은 영화를 가져와요. 댓글과 대화방은 옮기지 않아요.
bring-file = 파일
bring-file-hint = 16MB 이하의 zip 또는 CSV 파일이에요.
bring-look = 내용 보기
bring-found = 파일에 영화 { $count }편이 있어요.
bring-new = 가져올 영화 { $count }편
bring-known = 여기에서 이미 리뷰한 영화 { $count }편, 그대로 둬요
bring-missing = 여기에 없는 영화 { $count }편
bring-more = 그 밖에 { $count }편
bring-unnamed = 영화
bring-start = 별점 { $count }개 가져오기
bring-likes = 좋아요를 누른 리뷰 { $count }개도 함께 옮겨요.
bring-lost-likes = 좋아요를 누른 리뷰 { $count }개는 여기에 없어요.
bring-start-likes = 좋아요 { $count }개 가져오기
bring-wanted = 보고 싶은 영화 { $count }편도 함께 옮겨요.
bring-lost-wanted = 보고 싶은 영화 가운데 { $count }편은 여기에 없어요.
bring-start-wanted = 보고 싶은 영화 { $count }편 가져오기
bring-often = 하루에 다섯 번까지 가져올 수 있어요. 이 파일은 내일 가져와 주세요.
bring-another = 다른 파일
bring-importing = 가져오는 중이에요…
bring-undoing = 되돌리는 중이에요…
bring-done = { $length }개 중 { $done }개
bring-broken-off = 중간에 끊겼어요.
bring-go-on = 이어서 하기
bring-imported = { $count ->
    [0] 새로 가져온 별점은 없어요.
   *[other] 별점 { $count }개를 가져왔어요.
}
bring-imported-likes = 좋아요 { $count }개를 가져왔어요.
bring-imported-wanted = 보고 싶은 영화 { $count }편을 담았어요.
bring-undo = 가져오기 되돌리기
bring-undo-hint = 다음에 다시 가져오기 전까지 되돌릴 수 있어요. 그 뒤에 고친 리뷰는 남아요.
bring-undo-question = { $count ->
    [0] 가져온 좋아요와 보고 싶은 영화를 되돌려요.
   *[other] 리뷰 { $count }개를 지우고, 함께 가져온 것도 되돌려요. 그 뒤에 고친 리뷰는 남아요.
}
bring-undone = 가져온 것을 되돌렸어요.
error-bring-unknown = 알 수 없는 파일이에요.
error-bring-long = 영화가 10,000편이 넘거나 압축을 풀면 너무 커요.
error-bring-broken = 파일을 읽을 수 없어요. 파일이 잘렸을 수 있어요.
error-bring-empty = 별점을 주거나 보고 싶은 영화로 담은 영화가 없어요.
error-bring-busy = 다른 가져오기가 진행 중이에요.
error-bring-late = 파일이 제때 도착하지 않았어요.
flash-bring-started = 가져오기를 시작했어요.
flash-bring-undoing = 가져온 것을 되돌리고 있어요.
