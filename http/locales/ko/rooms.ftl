# 대화방: 지금 나누는 이야기.

problem-room-archived = 보관된 대화방이에요. 들어가면 다시 열려요
problem-room-full = 대화방이 가득 찼어요
problem-member-banned = 이 대화방에서 차단된 회원이에요
problem-too-many-changes = 너무 여러 번 바뀐 메시지예요
problem-banned = 이 대화방에서 차단됐어요
problem-muted = 이 대화방에서 발언이 제한됐어요
problem-not-your-message = 다른 사람의 메시지예요
problem-own-message = 내 메시지는 신고할 수 없어요
problem-not-a-moderator = 대화방 운영진만 할 수 있어요
problem-not-the-maker = 대화방을 연 사람만 할 수 있어요
problem-keeps-order = 대화방 운영진에게는 할 수 없어요
problem-too-fast = { $seconds }초 뒤에 다시 보내 주세요
