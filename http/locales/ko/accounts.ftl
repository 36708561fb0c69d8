## Where a member is signed in

settings-sessions = 기기
sessions-lead = 로그인되어 있는 곳이에요. 모르는 기기나 더는 쓰지 않는 기기는 로그아웃하고, 수상하다면 비밀번호도 바꿔 주세요.
sessions-unknown = 알 수 없는 기기
sessions-current = 지금 이 기기
sessions-used = 마지막 사용
sessions-began = 로그인
sessions-end = 로그아웃시키기
sessions-end-others = 다른 모든 기기에서 로그아웃
flash-session-ended = 그 기기에서 로그아웃했어요.
flash-sessions-ended = 다른 모든 기기에서 로그아웃했어요.

## Leaving, with time to think

settings-withdraw-lead-grace = 모든 기기에서 로그아웃돼요. { $days }일 동안은 모든 것이 그대로 남아 있으니, 마음이 바뀌면 다시 로그인해 주세요. 그 뒤에는 계정과 함께 이름, 이메일, 자기소개가 완전히 사라져요.
flash-withdrawal-asked = 탈퇴 신청을 받았어요. 마음이 바뀌면 며칠 안에 다시 로그인해 주세요.
flash-withdrawal-taken-back = 다시 돌아와 주셔서 기뻐요! 계정은 그대로예요.
problem-too-many-names = 최근에 이름을 너무 자주 바꿨어요
error-too-many-names = 전에 쓰던 이름은 30일 동안 다른 사람이 쓸 수 없게 남겨 둬요. 그중 하나를 고르거나 조금 기다려 주세요.
settings-name-hint = 30자까지 쓸 수 있어요. 모두에게 보여요. 전에 쓰던 이름은 30일 동안 다른 사람이 쓸 수 없어요.
error-password-common = 누구나 떠올리는 비밀번호예요. 다른 것으로 정해 주세요. 문장 하나를 통째로 써도 좋아요.
