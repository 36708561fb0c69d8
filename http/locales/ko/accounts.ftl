## Where a member is signed in

settings-sessions = 기기
sessions-lead = 로그인되어 있는 곳이에요. 모르는 기기나 더는 쓰지 않는 기기는 로그아웃하고, 수상하다면 비밀번호도 바꿔 주세요.
sessions-unknown = 알 수 없는 기기
sessions-current = 지금 이 기기
sessions-used = 마지막 사용
sessions-began = 로그인
sessions-end = 로그아웃시키기
sessions-elsewhere = 다른 사람이 내 로그인 방법으로 들어왔을지도 모른다면, 이 기기만 남기고 모두 로그아웃하세요.
sessions-end-others = 다른 모든 기기에서 로그아웃
flash-session-ended = 그 기기에서 로그아웃했어요.
flash-sessions-ended = 다른 모든 기기에서 로그아웃했어요.

## Leaving, with time to think

settings-withdraw-lead-grace = 모든 기기에서 로그아웃돼요. { $days }일 동안은 모든 것이 그대로 남아 있으니, 마음이 바뀌면 다시 로그인해 주세요. 그 뒤에는 계정과 함께 이름, 이메일, 자기소개가 완전히 사라져요.
flash-withdrawal-asked = 탈퇴 신청을 받았어요. 마음이 바뀌면 며칠 안에 다시 로그인해 주세요.
flash-withdrawal-taken-back = 다시 돌아와 주셔서 기뻐요! 계정은 그대로예요.

## Names, and passwords that are guessed

settings-name-hint = 30자까지 쓸 수 있어요. 모두에게 보여요. 전에 쓰던 이름은 30일 동안 다른 사람이 쓸 수 없어요.
problem-too-many-names = 최근에 이름을 너무 자주 바꿨어요
error-too-many-names = 전에 쓰던 이름은 30일 동안 다른 사람이 쓸 수 없게 남겨 둬요. 그중 하나를 고르거나 조금 기다려 주세요.
error-password-common = 누구나 떠올리는 비밀번호예요. 다른 것으로 정해 주세요. 문장 하나를 통째로 써도 좋아요.
problem-too-many-guesses = 틀린 시도가 너무 많았어요
problem-too-many-guesses-detail = 틀린 시도가 너무 많았어요. 이 계정은 { $minutes }분 뒤에 다시 시도할 수 있어요. 전에 로그인한 적이 있는 브라우저에서는 바로 로그인할 수 있어요. 급하다면 이메일로 비밀번호를 새로 정해 주세요. 바로 이어서 로그인할 수 있어요.

## Two steps

field-code = 인증 코드
code-title = 한 단계 더 남았어요
code-lead = 이 계정은 인증 앱의 코드도 확인해요.
code-hint = 앱에 보이는 여섯 자리 숫자나 복구 코드를 입력해 주세요.
code-begin-again = 처음부터 다시 하기
error-code = 코드가 맞지 않거나 이미 쓴 코드예요. 앱은 30초마다 새 코드를 보여 줘요.
problem-second-factor = 인증 앱의 코드도 필요해요
problem-second-factor-detail = 이메일, 비밀번호와 함께 “code”로 보내 주세요.
problem-second-factor-too-late = 시간이 너무 오래 걸렸어요. 처음부터 다시 해 주세요.
problem-no-second-factor = 2단계 인증이 꺼져 있어요

## Is it you?

again-title = 본인이 맞나요?
again-lead = 로그인 방법을 바꾸기 전에 본인인지 한 번 더 확인할게요. 15분 동안은 다시 묻지 않아요.
again-button = 본인이에요
again-role-title = 한 단계만 더 할게요
again-role-lead = 역할에 맞는 일은 패스키로 로그인하거나 인증 코드까지 확인한 뒤에 할 수 있어요.
again-role-none = 아직 둘 다 없네요. 하나를 설정하면 바로 이어서 할 수 있어요.
problem-sign-in-again = 본인인지 한 번 더 확인해 주세요
problem-sign-in-again-detail = 로그인 방법은 로그인한 지 15분 안에만 바꿀 수 있어요.
problem-other-account = 내 계정에 연결된 계정이 아니에요

## Passkeys

passkey-sign-in = 패스키로 로그인
passkey-title = 패스키
passkey-lead = 비밀번호 없이 지문, 얼굴, 보안 키로 로그인해요. 누가 알아맞히거나 훔쳐 갈 수 없어요.
passkey-name = 패스키 이름
passkey-name-example = 내 휴대폰
passkey-add = 패스키 추가
passkey-rename = 이름 바꾸기
passkey-since = 추가:
passkey-used = 마지막 사용:
passkey-remove = 삭제
passkey-remove-question = ‘{ $name }’ 패스키를 삭제할까요? 삭제하면 이 패스키로는 로그인할 수 없어요.
passkey-scripts = 패스키는 자바스크립트를 켜야 쓸 수 있어요.
passkey-failed = 잘 안 됐어요. 다시 해 주세요.
problem-passkey = 패스키를 확인하지 못했어요. 다시 해 주세요.
problem-passkey-unknown = 등록되지 않은 패스키예요
problem-no-passkeys-here = 이 주소에서는 패스키를 쓸 수 없어요
flash-passkey-named = 패스키 이름을 바꿨어요.

## Codes

codes-title = 2단계 인증
codes-lead = 비밀번호에 더해 휴대폰 인증 앱의 코드도 확인해요. 패스키로 로그인할 때는 필요 없어요.
codes-begin = 설정하기
codes-change = 바꾸기
codes-scan = 인증 앱으로 이 코드를 스캔해 주세요.
codes-type = 앱에 직접 입력해도 돼요:
codes-first = 지금 앱에 보이는 코드를 입력해 주세요.
codes-confirm = 켜기
codes-on = 켜짐
codes-since = 설정:
codes-left = { $count ->
    [0] 남은 복구 코드가 없어요. 새로 만들어 주세요.
   *[other] 복구 코드가 { $count }개 남았어요.
}
codes-renew = 복구 코드 새로 만들기
codes-renew-question = 복구 코드 열 개를 새로 만들까요? 전에 받은 코드는 더는 쓸 수 없어요.
codes-off = 끄기
codes-off-question = 이제부터 코드 없이 로그인할까요?
codes-recovery-title = 복구 코드
codes-recovery-lead = 지금 안전한 곳에 적어 두세요. 한 번만 보여 드려요.
codes-recovery-hint = 휴대폰을 잃어버렸을 때 인증 코드 대신 한 번씩 쓸 수 있어요.
codes-kept = 저장했어요
flash-second-factor-off = 2단계 인증을 껐어요.

## Joining by letter

flash-joining-asked = 이메일을 보냈어요. 메일의 링크를 열면 바로 가입돼요.
join-title = Reeltime에 오신 것을 환영해요
join-lead = 이메일을 확인했어요. 아래 이름이 모두에게 보여요.
join-button = 가입하기
join-password-hint = 가입을 시작한 브라우저가 아니라서 확인해요. 그때 정한 비밀번호를 입력하거나, 그 브라우저에서 링크를 열어 주세요.
error-join-password = 가입을 시작할 때 정한 비밀번호와 달라요.
problem-other-browser = 가입을 시작한 브라우저에서 링크를 열어 주세요
problem-other-browser-detail = 다른 사람이 내 이메일로 가입하는 일을 막기 위해서예요. 그 브라우저를 쓸 수 없다면 여기서 처음부터 다시 가입해 주세요.
