## What happened to what is a member’s

nav-notifications = { $count ->
    [0] 알림
   *[other] 알림: 새 소식 { $count }개
}
notifications-title = 알림
notifications-see = 모두 확인
notifications-empty = 아직 알림이 없어요. 좋아요와 댓글, 새 팔로워, 대화방 초대처럼 나에게 온 소식을 여기에서 알려 드려요.
notification-one = { $name } 님
notification-two = { $name } 님과 { $also } 님
notification-many = { $name } 님, { $also } 님 외 { $many }명
notification-like = { $who }이 내 〈{ $film }〉 리뷰를 좋아해요
notification-comment = { $who }이 내 〈{ $film }〉 리뷰에 댓글을 남겼어요
notification-comment-after = { $who }도 내가 댓글을 단 〈{ $film }〉 리뷰에 댓글을 남겼어요
notification-comment-mention = { $who }이 〈{ $film }〉 리뷰의 댓글에서 나를 불렀어요
notification-mention = { $name } 님이 ‘{ $room }’ 방에서 나를 불렀어요
notification-reply = { $name } 님이 ‘{ $room }’ 방에서 내 메시지에 답했어요
notification-invitation = { $name } 님이 ‘{ $room }’ 방에 초대했어요
