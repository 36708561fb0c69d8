//! What people call genres when they search for them.

use domain::Genre;

pub(crate) const fn names(genre: Genre) -> &'static [&'static str] {
    match genre {
        Genre::Action => &["Action", "액션"],
        Genre::Adventure => &["Adventure", "모험", "어드벤처"],
        Genre::Animation => &["Animation", "애니메이션", "애니", "만화"],
        Genre::Comedy => &["Comedy", "코미디", "코메디"],
        Genre::Crime => &["Crime", "범죄"],
        Genre::Documentary => &["Documentary", "다큐멘터리", "다큐"],
        Genre::Drama => &["Drama", "드라마"],
        Genre::Family => &["Family", "가족"],
        Genre::Fantasy => &["Fantasy", "판타지"],
        Genre::History => &["History", "역사", "사극"],
        Genre::Horror => &["Horror", "공포", "호러"],
        Genre::Music => &["Music", "음악"],
        Genre::Mystery => &["Mystery", "미스터리"],
        Genre::Romance => &["Romance", "로맨스", "멜로"],
        Genre::ScienceFiction => &["Science fiction", "Sci-fi", "SF", "공상과학"],
        Genre::TvMovie => &["TV movie", "TV 영화"],
        Genre::Thriller => &["Thriller", "스릴러"],
        Genre::War => &["War", "전쟁"],
        Genre::Western => &["Western", "서부극", "서부"],
    }
}
