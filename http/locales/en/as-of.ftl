## The site as it was

as-of-banner = This is Reeltime as it was on { $time } (position { $position }). Nothing can be changed here.
as-of-banner-empty = This is Reeltime before anything had happened. Nothing can be changed here.
problem-as-of = Nothing can be changed here
problem-as-of-detail = This is Reeltime as it was at an earlier time. It can be read, not changed.
problem-as-of-gone = This moment is gone
problem-as-of-gone-detail = It was taken away, perhaps because somebody has been forgotten since. Whoever runs Reeltime can build it again.
