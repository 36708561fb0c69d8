## Reporting

report-this = 신고하기
report-member = 이 회원 신고하기
report-review-title = 리뷰 신고하기
report-comment-title = 댓글 신고하기
report-member-title = 회원 신고하기
report-reason = 어떤 점이 문제인가요?
report-hint = Reeltime 운영진만 볼 수 있어요.
flash-reported = 고마워요. 운영진이 살펴볼게요.
problem-own-thing = 내 것은 신고할 수 없어요

## Hidden, suspended

hidden-note = 운영진이 숨긴 글이에요. 나에게만 보여요.
hidden-why = 이유와 이의 제기 방법 보기
suspended-note = { $date }까지 읽기만 할 수 있어요.
problem-suspended = 지금은 글을 쓸 수 없어요
problem-suspended-detail = 운영진이 계정을 잠시 정지했어요. 설정에서 이유를 확인하고 이의를 제기할 수 있어요.
problem-hidden = 운영진이 이 영화의 리뷰를 숨겨서 새로 올릴 수 없어요
problem-already-moderated = 이미 처리된 일이에요
problem-already-appealed = 이미 이의를 제기했어요
problem-own-measure = 자신의 일이나 자신이 내린 결정은 스스로 판단할 수 없어요
problem-has-role = 역할이 있는 회원은 정지할 수 없어요. 운영자가 먼저 역할을 거둬야 해요
problem-gone-for-good = 삭제한 메시지는 다시 보여 줄 수 없어요
error-suspension-time = 정지가 끝나는 때는 지금보다 뒤여야 해요.
error-appeal-too-long = 이의는 2,000자까지 쓸 수 있어요.

## Notifications

notification-hidden = 운영진이 내가 쓴 글을 숨겼어요
notification-suspended = 운영진이 내 계정을 잠시 정지했어요
notification-lifted = 운영진의 조치가 해제됐어요
notification-appeal-granted = 이의가 받아들여졌어요
notification-appeal-refused = 이의가 받아들여지지 않았어요

## Moderators’ pages

nav-reports = 신고
moderation-title = 운영
moderation-tabs = 운영
moderation-reports = 신고
moderation-appeals = 이의 제기
moderation-measures = 조치 내역
reports-title = 신고
reports-lead = 오래된 신고부터 보여요. 조치를 하면 이유와 함께 회원에게 알려요.
reports-empty = 신고가 없어요. 평화롭네요.
flash-report-closed = 신고를 처리했어요.
reports-alike = 신고 { $count }건
report-by = 신고한 사람:
report-own = 나에 관한 신고라 다른 사람이 살펴봐야 해요.
report-gone = 이제는 없어요
report-dismiss = 기각하기
report-uphold = 이미 조치했어요
about-review = 〈{ $film }〉 리뷰
about-comment = 〈{ $film }〉 리뷰의 댓글
about-member = 회원
measure-hide = 숨기기
measure-take-back = 메시지 삭제하기
measure-suspend = 정지하기
measure-days = 기간
measure-days-count = { $count }일
measure-reason = 이유
measure-lift = 조치 해제하기
measure-by = 조치한 사람:
measure-why = 이유
measure-appeal = 이의 제기
measure-lifted = 조치가 해제됐어요
measure-message-stays-gone = 삭제된 메시지는 되살릴 수 없어요.
measure-of-review = 〈{ $film }〉 리뷰 숨김
measure-of-comment = 〈{ $film }〉 리뷰의 댓글 숨김
measure-of-message = 대화방 메시지 삭제
measure-of-member = { $date }까지 정지
measure-of-member-ended = 정지
measures-empty = 아직 한 조치가 없어요.
appeals-empty = 결정을 기다리는 이의 제기가 없어요.
appeal-grant = 받아들이기
appeal-refuse = 받아들이지 않기
appeal-granted = 받아들임
appeal-refused = 받아들이지 않음
flash-measure-taken = 조치했어요. 회원에게 알렸어요.
flash-measure-lifted = 조치를 해제했어요. 회원에게 알렸어요.
flash-appeal-decided = 결정했어요. 회원에게 알렸어요.

## A member’s own

own-measures-title = 운영진의 조치
own-measures-lead = 운영진이 숨긴 글이나 지금 글을 쓸 수 없는 이유예요. 한 번 이의를 제기할 수 있고, 다른 운영진이 결정해요.
own-measures-empty = 아무것도 없어요. 늘 함께해 주셔서 고마워요.
appeal-write = 이의 제기하기
appeal-label = 어떤 점이 잘못되었나요?
appeal-hint = 2,000자까지 쓸 수 있어요. 운영진이 읽어요.
appeal-send = 보내기
flash-appealed = 이의를 운영진에게 보냈어요.
