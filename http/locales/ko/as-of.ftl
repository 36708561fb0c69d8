## The site as it was

as-of-banner = { $time } 당시의 Reeltime이에요(기록 위치 { $position }). 둘러볼 수만 있고 아무것도 바꿀 수 없어요.
as-of-banner-empty = 아직 아무 일도 없던 때의 Reeltime이에요. 둘러볼 수만 있고 아무것도 바꿀 수 없어요.
problem-as-of = 여기서는 아무것도 바꿀 수 없어요
problem-as-of-detail = 지금 보고 있는 건 지난 시점의 Reeltime이에요. 읽을 수만 있고 바꿀 수는 없어요.
problem-as-of-gone = 이 시점은 더 이상 볼 수 없어요
problem-as-of-gone-detail = 그사이 누군가의 기록이 지워졌거나 운영자가 정리했어요. 운영자가 다시 만들 수 있어요.
