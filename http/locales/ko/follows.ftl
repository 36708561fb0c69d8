## Following

follow = 팔로우
unfollow = 팔로우 취소
follow-failed = 저장되지 않았어요. 다시 한번 눌러 주세요.
followers = 팔로워
following = 팔로잉
followers-of = { $name } 님의 팔로워
following-of = { $name } 님이 팔로우하는 사람들
follows-label = 팔로워와 팔로잉
followers-empty = 아직 팔로워가 없어요.
following-empty = 아직 팔로우하는 사람이 없어요.
following-see = 내가 팔로우하는 사람들 보기
followed-reviews = 팔로우하는 사람들의 새 리뷰
followed-reviews-empty = 마음에 드는 리뷰를 쓴 사람을 팔로우해 보세요. 그 사람의 새 리뷰가 여기에 모여요.
notification-follow = { $who }이 나를 팔로우했어요
problem-oneself = 나 자신은 팔로우할 수 없어요
