## Reviews

review-title = { $name } 님의 〈{ $film }〉 리뷰
review-title-former = 〈{ $film }〉 리뷰
review-description = { $name } 님은 〈{ $film }〉 영화를 이렇게 봤어요.
review-form-new = 〈{ $film }〉 리뷰 쓰기
review-form-edit = 〈{ $film }〉 리뷰 수정하기
review-rating-label = 내 별점
review-rating-hint = 별 반 개도 줄 수 있어요. 화살표 키로도 고를 수 있어요.
review-text-label = 어떻게 보셨나요?
review-text-hint = 10,000자까지 쓸 수 있어요. 마크다운도 돼요: *기울임*, **굵게**, > 인용, - 목록
review-watched-label = 영화를 본 날
review-watched-hint = 비워 둬도 돼요. 날짜를 적으면 다이어리에도 남아요.
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
review-watched-on = { $date }에 봤어요
review-spoiler-cover = 줄거리가 드러나는 리뷰예요.
review-spoiler-show = 그래도 볼게요
review-spoiler-hide = 다시 가리기
review-rating-only = 별점만 남겼어요.
review-read-more = 이어서 읽기
review-open = 리뷰 열기
former-member = 탈퇴한 회원
text-removed = 작성자의 요청으로 삭제되었어요.
error-watched = 없는 날짜이거나, 세상에 영화가 나오기도 전이에요.
error-watched-later = 아직 오지 않은 날이에요.

## Likes

like = 좋아요
unlike = 좋아요 취소
like-this = { $name } 님의 리뷰 좋아요
likes-count =
    { $count ->
        [0] 아직 좋아요가 없어요
       *[other] 좋아요 { $count }개
    }
like-failed = 좋아요가 저장되지 않았어요. 다시 한번 눌러 주세요.
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
comment-hint = 2,000자까지 쓸 수 있어요.
comment-post = 댓글 달기
comment-answer = 답글
comment-save = 댓글 저장
comment-edit = 댓글 수정
comment-retract-confirm = 이 댓글을 삭제할까요? 되돌릴 수 없어요.
comment-edited = 수정됨
comment-sign-in = 로그인하고 댓글 달기
