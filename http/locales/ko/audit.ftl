## What happened: a sentence for each type of event, without who did it. The payload's fields are
## variables: ids as names, ratings in stars.

event-untold = —
event-film-listed = 〈{ $film }〉 영화를 등록했어요
event-film-merged = 〈{ $film }〉 영화를 다른 영화와 합쳤어요
event-film-revised = 〈{ $film }〉 정보를 고쳤어요
event-reservation-reserved = { $kind ->
        [email] 이메일 주소를
        [identity] 로그인에 쓸 외부 계정을
       *[other] 이름을
    } 선점했어요
event-reservation-released = 선점했던 이름이나 이메일 주소, 외부 계정을 해제했어요
event-member-signed-up = { $name } 이름으로 가입했어요
event-member-renamed = 이름을 바꿨어요: { $name }
event-member-about-changed = 소개를 바꿨어요
event-member-language-chosen = 언어를 골랐어요: { $language }
event-member-password-changed = 비밀번호를 바꿨어요
event-member-identity-linked = { $provider ->
        [passkey] 패스키를 추가했어요
       *[other] { $provider } 계정을 연결했어요
    }
event-member-identity-unlinked = { $provider ->
        [passkey] 패스키를 삭제했어요
       *[other] { $provider } 계정 연결을 끊었어요
    }
event-member-second-factor-set = 2단계 인증을 켰어요
event-member-second-factor-removed = 2단계 인증을 껐어요
event-member-role-granted = { $member } 님에게 역할을 줬어요: { $role }
event-member-role-revoked = { $member } 님의 역할을 해제했어요: { $role }
event-member-email-verified = 이메일을 인증했어요
event-member-email-changed = 이메일을 바꿨어요
event-member-name-let-go = 선점해 둔 예전 이름을 해제했어요
event-member-withdrawal-asked = 탈퇴를 신청했어요
event-member-withdrawal-taken-back = 탈퇴를 취소했어요
event-member-withdrawn = Reeltime을 떠났어요
event-review-posted = 〈{ $film }〉 리뷰를 썼어요. 별점 { $rating }점
event-review-rerated = 〈{ $film }〉 별점을 { $from }점에서 { $to }점으로 바꿨어요
event-review-rewritten = 〈{ $film }〉 리뷰를 고쳤어요
event-review-dated = 〈{ $film }〉 영화를 본 날을 적었어요: { $watchedon }
event-review-moved = 〈{ $film }〉 리뷰를 합쳐진 영화로 옮겼어요
event-review-retracted = 〈{ $film }〉 리뷰를 지웠어요
event-like-liked = { $author } 님의 〈{ $film }〉 리뷰에 좋아요를 눌렀어요
event-like-unliked = { $author } 님의 〈{ $film }〉 리뷰 좋아요를 취소했어요
event-watchlist-added = 〈{ $film }〉 영화를 보고 싶은 영화에 담았어요
event-watchlist-removed = 〈{ $film }〉 영화를 보고 싶은 영화에서 뺐어요
event-follow-followed = { $followed } 님을 팔로우했어요
event-follow-unfollowed = { $followed } 님 팔로우를 취소했어요
event-comment-posted = 〈{ $film }〉 리뷰에 댓글을 달았어요
event-comment-edited = 〈{ $film }〉 리뷰에 단 댓글을 고쳤어요
event-comment-retracted = 〈{ $film }〉 리뷰에 단 댓글을 지웠어요
event-forgetting-forgotten = 기록에서 잊혔어요: { $extent ->
        [everything] 이름과 쓴 글 모두
       *[other] 이름
    }
event-room-opened = ‘{ $name }’ 방을 열었어요
event-room-renamed = 방 이름을 바꿨어요: ‘{ $name }’
event-room-described = ‘{ $room }’ 방의 소개를 바꿨어요
event-room-closing-chosen = ‘{ $room }’ 방이 비면 닫을지 정했어요
event-room-archived = ‘{ $room }’ 방을 보관했어요
event-room-reopened = ‘{ $room }’ 방을 다시 열었어요
event-room-message-posted = ‘{ $room }’ 방에 메시지를 보냈어요
event-room-message-edited = ‘{ $room }’ 방에 보낸 메시지를 고쳤어요
event-room-message-retracted = ‘{ $room }’ 방의 메시지를 지웠어요
event-room-reacted = ‘{ $room }’ 방의 메시지에 { $reaction } 반응을 남겼어요
event-room-unreacted = ‘{ $room }’ 방의 메시지에서 { $reaction } 반응을 거뒀어요
event-room-entered = ‘{ $room }’ 방에 들어갔어요
event-room-left = ‘{ $room }’ 방에서 나갔어요
event-room-invited = { $member } 님을 ‘{ $room }’ 방에 초대했어요
event-room-invitation-declined = ‘{ $room }’ 방의 초대를 거절했어요
event-room-muted = ‘{ $room }’ 방에서 { $member } 님의 채팅을 금지했어요
event-room-unmuted = ‘{ $room }’ 방에서 { $member } 님의 채팅 금지를 풀었어요
event-room-removed = { $member } 님을 ‘{ $room }’ 방에서 내보냈어요
event-room-banned = { $member } 님을 ‘{ $room }’ 방에서 차단했어요
event-room-unbanned = ‘{ $room }’ 방에서 { $member } 님의 차단을 풀었어요
event-room-slow-mode-set = ‘{ $room }’ 방의 저속 모드를 정했어요: { $seconds }초
event-room-moderator-appointed = { $member } 님을 ‘{ $room }’ 방의 운영진으로 정했어요
event-room-moderator-dismissed = { $member } 님을 ‘{ $room }’ 방의 운영진에서 해제했어요
event-read-marker-moved = ‘{ $room }’ 방의 메시지를 읽었어요
event-report-filed = 운영진에게 신고했어요
event-report-closed = 신고를 처리했어요: { $outcome ->
        [upheld] 조치함
       *[other] 조치하지 않음
    }
event-review-hidden = { $member } 님의 리뷰를 숨겼어요
event-review-restored = { $member } 님의 리뷰를 다시 보이게 했어요
event-comment-hidden = { $member } 님의 댓글을 숨겼어요
event-comment-restored = { $member } 님의 댓글을 다시 보이게 했어요
event-member-suspended = { $member } 님의 활동을 { $until }까지 정지했어요
event-member-reinstated = { $member } 님이 다시 글을 쓸 수 있게 했어요
event-measure-taken = { $member } 님에게 조치를 했어요: { $reason }
event-measure-lifted = { $member } 님에 대한 조치를 해제했어요
event-measure-ended = { $member } 님에 대한 조치가 기간이 끝나 해제됐어요
event-measure-appealed = 조치에 이의를 제기했어요: { $text }
event-measure-decided = { $member } 님의 이의를 판단했어요: { $reason }
event-notifications-seen = 알림을 확인했어요
event-audit-read = 감사자로서 기록을 열람했어요

## The log, for auditors

nav-audit = 전체 기록
audit-title = 전체 기록
audit-lead = 지금까지 일어난 모든 일이 기록된 그대로 있어요. 다른 회원의 기록을 열람하면 그 사실도 기록되고, 그 회원이 볼 수 있어요.
audit-filters = 골라 보기
audit-apply = 보기
audit-clear = 모두 보기
audit-type = 일어난 일
audit-any-type = 모든 일
audit-actor = 누가
audit-member = 누구에 대해
audit-member-hint = 회원 이름이나 번호
audit-film = 영화
audit-film-hint = 영화 번호
audit-stream = 스트림
audit-stream-hint = 예: review-…
audit-correlation = 요청
audit-since = 언제부터
audit-until = 이 시각 전까지
audit-order = 순서
audit-newest = 최신순
audit-oldest = 오래된순
audit-nobody = 로그인하지 않은 누군가
audit-empty = 여기까지는 맞는 기록이 없어요. 더 있을 수 있어요.
audit-nothing = 맞는 기록이 없어요.
audit-more = 더 찾아보기
audit-details = 자세히
audit-forgotten = 잊힘
audit-unreadable = 읽을 수 없는 기록이에요: { $why }
audit-receipt = 증명서
audit-same-request = 같은 요청
audit-follows = 원인
audit-only = 전체 기록에서 보기
audit-stream-title = 하나의 기록
audit-version = { $version }번째 변경
audit-at = 시점
audit-at-hint = 변경 번호나 시각. 비우면 지금이에요
audit-state = { $version }번째 변경까지의 상태
audit-state-none = 아직 아무 일도 없었어요.
audit-changes = 바뀐 점
audit-unchanged = 상태는 바뀌지 않았어요.
audit-earlier = 그 전의 변경
audit-steps = 여기까지 온 과정
audit-show-then = 그때의 모습
audit-error-member = 이 이름을 쓰는 회원이 없어요.
problem-audit-too-long = 그 시점의 모습은 보여 드릴 수 없어요
problem-audit-too-long-detail = 너무 많은 변경이 쌓인 기록이라 이전 시점의 모습을 바로 계산할 수 없어요. 최근 시점을 골라 보거나, 운영자에게 부탁해 주세요 (replay-tool history).
audit-error-value = 알아볼 수 없는 값이에요: { $field }
audit-as-of-title = 그때의 사이트
audit-as-of-lead = 어느 시점이든 그때의 사이트 전체를 지금 사이트 옆에 만들어 읽기 전용으로 볼 수 있어요. 서버를 운영하는 사람이 이렇게 해요:

## One’s own history

history-title = 내 기록
history-lead = 여기서 한 모든 일, 나에 대해 일어난 일, 내 기록을 열람한 감사자까지 볼 수 있어요. 이 페이지는 나만 볼 수 있어요.
history-export = 모두 내려받기
history-export-hint = JSON과 CSV, 지금까지 쓴 모든 글, 그리고 기록마다 실제로 남아 있음을 증명하는 증명서를 zip 파일 하나에 담아요.
history-empty = 아직 아무것도 없어요.
history-you = 나
history-system = Reeltime
history-read-you = 감사자로서 내 기록을 열람했어요
nav-history = 내 기록
