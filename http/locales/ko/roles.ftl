## Roles, and who has them

nav-roles = 역할
roles-title = 역할
roles-lead = 일반 회원보다 더 많은 일을 할 수 있는 사람들이에요. 바뀐 내용은 모두 기록에 남아요.
roles-grant = 역할 주기
roles-member = 회원 이름
roles-role = 역할
roles-holders = 역할을 맡은 회원
roles-revoke = 거두기
roles-revoke-question = { $name } 님의 { $role } 역할을 거둘까요? 바로 적용돼요.
role-moderator = 관리자
role-moderator-about = 규칙을 어긴 글을 가리고, 어긴 회원의 활동을 멈춰요.
role-auditor = 감사자
role-auditor-about = 모든 기록을 볼 수 있지만 아무것도 바꾸지 않아요.
role-operator = 운영자
role-operator-about = 역할을 주고 거둬요.
error-name-unknown = 이 이름을 쓰는 회원이 없어요.
error-role = 역할을 골라 주세요.
problem-own-role = 내 운영자 역할은 다른 운영자만 거둘 수 있어요
problem-role-second-factor = 이 일을 하려면 2단계 인증이 필요해요
problem-role-second-factor-detail = 패스키로 로그인하거나 인증 코드까지 확인해 주세요. 둘 다 없다면 설정에서 먼저 만들어 주세요.
flash-role-granted = 역할을 줬어요.
flash-role-revoked = 역할을 거뒀어요.
