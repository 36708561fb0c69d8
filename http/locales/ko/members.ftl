## Members

member-description = { $name } 님이 Reeltime에 남긴 리뷰와 댓글이에요.
member-joined = { $date }부터 함께했어요
member-about = 소개
member-reviews = 리뷰
member-comments = 댓글
member-likes = 좋아요
member-best = 별점순
member-rated = 영화 { $count }편에 별점을 줬어요
member-reviews-empty = 아직 쓴 리뷰가 없어요.
member-own-reviews-empty = 아직 리뷰를 쓰지 않았어요. 마지막으로 본 영화는 무엇인가요?
member-comments-empty = 아직 단 댓글이 없어요.
member-likes-empty = 아직 좋아한 리뷰가 없어요.
member-edit-profile = 프로필 수정
member-commented-on = 〈{ $film }〉 리뷰에서
member-tabs-label = { $name } 님의 페이지

## Joining, signing in and out

sign-up-title = Reeltime 가입하기
sign-up-lead = 이름, 이메일, 비밀번호만 있으면 돼요.
sign-up-button = 가입하기
sign-up-have-account = 이미 회원이신가요?
sign-in-title = 다시 만나서 반가워요
sign-in-lead = 로그인하고 멈춘 곳에서 이어 가세요.
sign-in-button = 로그인
sign-in-no-account = 처음 오셨나요?
field-name = 이름
field-name-hint = 30자까지 쓸 수 있어요. 모두에게 보여요.
field-email = 이메일
field-email-hint = 나만 볼 수 있어요.
field-password = 비밀번호
field-password-hint = 8자 이상이에요. 문장 하나를 통째로 써도 좋아요.
field-about = 소개
field-about-hint = 1,000자까지 쓸 수 있어요. 모두에게 보여요.
field-language = 언어
field-current-password = 지금 비밀번호
field-new-password = 새 비밀번호

## Settings

settings-title = 설정
settings-profile = 프로필
settings-profile-lead = 다른 사람에게 이렇게 보여요.
settings-password = 비밀번호
settings-password-lead = 비밀번호를 바꾸면 다른 기기에서는 로그아웃돼요.
settings-password-save = 비밀번호 바꾸기
settings-withdraw = 탈퇴하기
settings-withdraw-lead = 계정과 함께 이름, 이메일, 자기소개가 완전히 사라져요. 되돌릴 수 없어요.
settings-withdraw-ways = 그동안 쓴 글은 어떻게 할까요?
settings-withdraw-identity = 이름만 지우고 글은 남겨 둘게요
settings-withdraw-identity-hint = 리뷰와 댓글, 메시지가 ‘탈퇴한 회원’의 글로 남아요.
settings-withdraw-everything = 글까지 모두 지울게요
settings-withdraw-everything-hint = 리뷰와 댓글, 메시지의 내용을 영영 읽을 수 없게 지워요. 그 자리에는 ‘작성자의 요청으로 삭제되었어요’라고 보여요. 다른 사람이 단 댓글은 그대로 남아요.
settings-withdraw-stars = 어느 쪽이든 별점과 좋아요는 이름 없이 남아요. 별점은 영화의 평균에 계속 들어가요.
settings-withdraw-password = 확인을 위해 비밀번호를 입력해 주세요
settings-withdraw-button = 계정 삭제하기
settings-tabs-label = 설정
