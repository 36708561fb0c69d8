## Letters

mail-greeting = { $name } 님, 안녕하세요.
mail-sent-by = 영화를 좋아하는 사람들의 모임, Reeltime
mail-link-hint = 버튼이 눌리지 않으면 이 주소를 브라우저에 붙여 넣어 주세요.
mail-verification-subject = 이메일 주소를 확인해 주세요
mail-verification = Reeltime에 오신 것을 환영해요! 언제든 계정을 되찾을 수 있도록 이 주소가 본인의 것인지 확인해 주세요. 링크는 24시간 동안 쓸 수 있어요.
mail-verification-button = 내 주소가 맞아요
mail-verification-aside = Reeltime에 가입하지 않으셨나요? 누군가 주소를 잘못 적은 것 같아요. 아무것도 하지 않으셔도 돼요.
mail-address-subject = 새 이메일 주소를 확인해 주세요
mail-address = 앞으로 Reeltime에서 이 주소를 쓰겠다고 하셨어요. 확인하시는 대로 주소가 바뀌어요. 링크는 24시간 동안 쓸 수 있어요.
mail-address-button = 이 주소 쓰기
mail-address-aside = 요청하신 적이 없나요? 아무것도 하지 않으시면 아무것도 바뀌지 않아요.
mail-reset-subject = 새 비밀번호를 정해 주세요
mail-reset = 계정의 비밀번호를 새로 정하겠다는 요청을 받았어요. 링크는 30분 동안 한 번만 쓸 수 있어요. 비밀번호를 바꾸면 모든 기기에서 로그아웃돼요.
mail-reset-button = 비밀번호 정하기
mail-reset-aside = 요청하신 적이 없나요? 아무것도 하지 않으셔도 돼요. 비밀번호는 그대로이고, 이 링크는 이 메일에만 있어요.
mail-address-changed-subject = 이메일 주소가 바뀌었어요
mail-address-changed = Reeltime 계정의 이메일 주소가 바뀌었어요. 앞으로는 새 주소로 메일을 보내 드려요.
mail-address-changed-aside = 바꾸신 적이 없나요? 다른 사람이 비밀번호를 알고 있는 것 같아요. 이 Reeltime의 운영자에게 바로 알려 주세요.
mail-password-changed-subject = 비밀번호가 바뀌었어요
mail-password-changed = Reeltime 계정의 비밀번호가 바뀌었어요. 다른 기기에서는 로그아웃됐어요.
mail-password-changed-button = 제가 바꾸지 않았어요
mail-password-changed-aside = 직접 바꾸셨다면 괜찮아요. 아니라면 이 링크로 바로 비밀번호를 새로 정해 주세요.
mail-joining-subject = Reeltime에 오신 것을 환영해요
mail-joining = 이 이메일로 Reeltime 가입을 신청했어요. 링크를 열면 바로 가입돼요. 24시간 동안 쓸 수 있어요.
mail-joining-button = 가입하기
mail-joining-aside = 직접 신청하지 않으셨다면 그대로 두세요. 아무도 가입되지 않아요.
mail-here-already-subject = 이미 가입하셨어요
mail-here-already = 이 이메일로 Reeltime 가입을 신청했지만 이미 회원이세요. 그냥 로그인하시면 돼요. 비밀번호를 잊으셨다면 로그인 화면에서 새로 정할 수 있어요.
mail-here-already-button = 로그인하기
mail-here-already-aside = 직접 신청하지 않으셨다면 그대로 두세요. 신청한 사람은 회원님이 이곳에 있는지 알 수 없어요.
mail-ways-changed-subject = 로그인 방법이 바뀌었어요
mail-ways-changed = Reeltime 계정에 로그인하는 방법이 바뀌었어요. 연결된 계정이나 패스키, 2단계 인증 설정을 확인해 주세요.
mail-ways-changed-button = 확인하기
mail-ways-changed-aside = 직접 바꾸셨다면 그대로 두시면 돼요. 그렇지 않다면 설정에서 되돌리고, 비밀번호를 바꾸고, 다른 기기에서 로그아웃해 주세요.

## Where their links lead

forgot-link = 비밀번호를 잊으셨나요?
forgot-title = 비밀번호 새로 정하기
forgot-lead = 가입할 때 쓴 이메일을 적어 주세요. 회원의 주소라면 비밀번호를 새로 정할 수 있는 링크를 보내 드려요.
forgot-button = 링크 받기
reset-title = 새 비밀번호 정하기
reset-lead = 모든 기기에서 로그아웃돼요. 새 비밀번호로 다시 로그인해 주세요.
reset-button = 비밀번호 바꾸기
verify-title = 이메일 주소 확인
verify-lead = { $email } 주소가 본인의 것이 맞나요?
verify-button = 네, 맞아요
change-email-title = 새 이메일 주소
change-email-lead = 앞으로 { $email } 주소를 계정의 이메일로 써요.
change-email-button = 이 주소 쓰기
flash-reset-asked = 회원의 주소라면 곧 메일이 도착해요. 메일함을 확인해 주세요.
flash-password-reset = 비밀번호를 바꿨어요. 새 비밀번호로 로그인해 주세요.
flash-verification-asked = 메일을 보냈어요. 메일함을 확인해 주세요.
flash-email-verified = 고마워요! 이메일 주소를 확인했어요.
flash-email-change-asked = 새 주소로 메일을 보냈어요. 메일의 링크를 열면 주소가 바뀌어요.
flash-email-changed = 이메일 주소를 바꿨어요.
problem-link-used-up = 더는 쓸 수 없는 링크예요
problem-link-used-up-detail = 이미 썼거나 너무 오래된 링크예요. 새 링크를 받아 주세요.

## The address among the settings

settings-email = 이메일
settings-email-lead = 메일을 받고 로그인할 때 쓰는 주소예요. 나만 볼 수 있어요.
settings-email-new = 새 이메일 주소
settings-email-hint = 먼저 그 주소로 메일을 보내 드려요. 주소가 바뀌면 지금 주소로도 알려 드려요.
settings-email-save = 주소 바꾸기
settings-email-verified = 확인했어요
settings-email-unverified = 아직 확인하지 않았어요
settings-email-verify = 확인 메일 다시 받기
