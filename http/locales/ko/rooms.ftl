## Rooms: talking, now

problem-room-archived = 보관된 대화방이에요. 들어가면 다시 열려요
problem-room-full = 대화방이 가득 찼어요
problem-room-unreadable = 지금은 이 대화방을 읽을 수 없어요
problem-room-unreadable-detail = 더 새로운 버전에서 쓰였거나 손상된 내용이 있어요. 저희가 기록해 두었고, 해결되면 저절로 다시 이어져요.
problem-member-banned = 이 대화방에서 차단된 회원이에요
problem-too-many-changes = 너무 여러 번 바뀐 메시지예요
problem-banned = 이 대화방에서 차단됐어요
problem-muted = 이 대화방에서 채팅이 금지됐어요
problem-not-your-message = 다른 사람의 메시지예요
problem-not-a-moderator = 대화방 운영진만 할 수 있어요
problem-not-the-maker = 대화방을 연 사람만 할 수 있어요
problem-keeps-order = 대화방 운영진에게는 할 수 없어요
problem-too-fast = { $seconds }초 뒤에 다시 보내 주세요

error-room-name-too-long = 이름은 60자까지 쓸 수 있어요.
error-room-description-too-long = 설명은 500자까지 쓸 수 있어요.
error-message-empty = 메시지를 입력해 주세요.
error-message-too-long = 메시지는 4,000자까지 쓸 수 있어요.
error-reason-too-long = 이유는 300자까지 쓸 수 있어요.
error-term = 1초에서 1년까지 정할 수 있어요.
error-nobody-is-called-so = 그런 이름의 회원이 없어요.

nav-rooms = 대화방

rooms-title = 라이브 대화방
rooms-lead = 같이 보고, 같이 떠들어요. 이야기가 한창인 방에 들어가 보세요.
rooms-sort-label = 어떤 대화방
rooms-busiest = 지금 북적이는 방
rooms-newest = 새로 열린 방
rooms-mine = 내 대화방
rooms-empty = 아직 대화방이 없어요. 첫 방을 열어 보세요.
rooms-of-film = 대화방
rooms-of-film-empty = 지금은 이 영화로 이야기 나누는 사람이 없어요.

room-open = 대화방 열기
room-about-film = { $film } 이야기
room-name = 이름
room-description = 어떤 방인가요?
room-description-hint = 안 써도 돼요. 목록과 대화방 옆에 보여요.
room-by-invitation = 초대한 사람만
room-by-invitation-hint = 다른 사람에게는 이 방이 보이지 않아요.
room-closes-when-empty = 아무도 없으면 바로 보관하기
room-closes-when-empty-hint = 켜지 않으면 하루 동안 아무도 없을 때 보관돼요. 대화는 남고, 들어가면 다시 열려요.
room-edit = 대화방 설정
room-save = 저장
room-slow-mode = 저속 모드
room-slow-mode-off = 끄기
room-slow-mode-on = 저속 모드: { $count }초
room-seconds = 메시지 사이 { $count }초
room-minutes = { $count }분
room-hours = { $count }시간
room-until-lifted = 해제할 때까지
room-for-how-long = 얼마 동안
room-nameless = 이름 없는 대화방
room-archived = 보관됨
room-private = 초대 전용
room-messages = { $count ->
    [0] 메시지 없음
   *[other] 메시지 { $count }개
}
room-unread = 안 읽은 메시지 { $count }개
room-present = { $count ->
    [0] 아무도 없어요
   *[other] { $count }명 있어요
}
room-enter = 들어가기
room-enter-archived = 들어가서 다시 열기
room-leave = 나가기
room-menu = 대화방 메뉴
room-search = 이 방에서 찾기
room-jump = 날짜로 이동
room-jump-go = 이동
room-archive = 보관하기
room-archive-confirm = 이 방을 보관할까요? 모두 나가게 되고, 대화는 남아요. 들어가면 다시 열려요.
room-found = ‘{ $text }’ 검색 결과
room-back = 대화방으로 돌아가기
room-older = 이전 메시지
room-newer = 다음 메시지
room-newest = 최신 메시지로
room-quiet = 아직 조용하네요. 먼저 말을 걸어 보세요.
room-edited = 수정됨
room-message-menu = 메시지 메뉴
room-reply = 답장
room-retract = 메시지 삭제
room-retract-confirm = 이 메시지를 삭제할까요? 자리는 남고 내용은 사라져요.
room-retract-other-confirm = 모두에게서 이 메시지를 삭제할까요?
room-reason = 이유
room-report = 신고
room-report-title = 메시지 신고
room-who-was-here = 그때 누가 있었는지 보기
room-nobody-was-here = 그때 방에 아무도 없었어요.
room-sign-in = 로그인하고 함께하기
room-is-archived = 보관된 대화방이에요. 들어가면 다시 열려요.
room-write = 메시지 입력
room-send = 보내기
room-spoiler = 스포일러 가리기
room-spoiler-cover = 스포일러 — 눌러서 보기
room-edit-message = 메시지 수정
room-retracted = 삭제된 메시지예요
room-retracted-because = 운영진이 삭제한 메시지예요: { $reason }
room-forgotten = 작성자와 함께 잊힌 메시지예요
room-reacted = { $reaction }: { $count }
room-here = 지금 있는 사람
room-away = 지금 없는 사람
room-maker = 방장
room-moderator = 운영진
room-muted = 채팅 금지
room-banned = 차단
room-invited = 초대됨
room-invite = 초대하기
room-invite-name = 회원 이름
room-invite-go = 초대
room-decline = 초대 거절
room-moderate = 이 회원 관리
room-mute = 채팅 금지
room-unmute = 채팅 금지 풀기
room-remove = 내보내기
room-ban = 차단
room-unban = 차단 풀기
room-appoint = 운영진으로 임명
room-dismiss = 운영진에서 해제

room-js-reconnecting = 다시 연결하고 있어요…
room-js-unreadable = 지금은 이 대화방을 읽을 수 없어요. 해결되면 저절로 이어져요…
room-js-over = 오래된 페이지예요. 새로고침하면 이어져요.
room-js-closed = 더 이상 들어올 수 없는 대화방이에요
room-js-new-messages = 새 메시지
room-js-sending = 보내는 중…
room-js-failed = 보내지 못했어요
room-js-try-again = 다시 보내기
room-js-typing-one = {"{"}name{"}"} 님이 입력하고 있어요…
room-js-typing-many = 여러 명이 입력하고 있어요…
room-js-mentions = 부를 사람
room-js-mentions-some = 부를 수 있는 회원 {"{"}count{"}"}명. 화살표로 고르고 엔터로 넣어요.
room-js-here = 지금 있음
room-js-someone = 회원
room-js-removed = 이 대화방에서 나가게 됐어요
room-js-until = {"{"}time{"}"}까지
room-js-reason = 이유: {"{"}reason{"}"}
room-verdict-until = { $until }까지예요.
room-verdict-because = 이유: { $reason }
room-verdict-until-because = { $until }까지예요. 이유: { $reason }

flash-room-saved = 대화방을 바꿨어요.
flash-room-moderated = 처리했어요.
flash-room-invited = 초대했어요. 상대의 알림에 보여요.
