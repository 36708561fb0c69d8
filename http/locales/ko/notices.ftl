## What happened to one’s reviews and comments

comment-answer = 답글
notification-one = { $name } 님
notification-two = { $name } 님과 { $also } 님
notification-many = { $name } 님, { $also } 님 외 { $many }명
notification-like = { $who }이 내 〈{ $film }〉 리뷰를 좋아해요
notification-comment = { $who }이 내 〈{ $film }〉 리뷰에 댓글을 남겼어요
notification-comment-after = { $who }도 내가 댓글을 단 〈{ $film }〉 리뷰에 댓글을 남겼어요
notification-comment-mention = { $who }이 〈{ $film }〉 리뷰의 댓글에서 나를 불렀어요
