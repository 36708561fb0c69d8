//! Three palettes per genre, or more where there are many films. The ink stands on the ground with a contrast of at least 4.5.

use super::Dice;

pub struct Palette {
    pub ground: &'static str,
    /// The two colours of the motif.
    pub first: &'static str,
    pub second: &'static str,
    pub ink: &'static str,
}

macro_rules! palettes {
    ($($genre:literal: $([$ground:literal $first:literal $second:literal $ink:literal])+;)+) => {
        /// The slugs that have palettes: all of TMDB's genres.
        #[cfg(test)]
        pub const GENRES: &[&str] = &[$($genre),+];

        fn palettes(genre: &str) -> &'static [Palette] {
            match genre {
                $($genre => &[$(Palette {
                    ground: $ground, first: $first, second: $second, ink: $ink,
                }),+],)+
                _ => palettes("drama"),
            }
        }
    };
}

//              ground    first     second    ink
palettes! {
    "action":
        ["#c8371f" "#f4b63f" "#2b1410" "#fff3dc"]
        ["#1d2430" "#ef5b2b" "#f3c969" "#fbeee0"]
        ["#f2b632" "#c22f1c" "#2a1a12" "#2a1a12"]
        ["#12343b" "#f4b63f" "#e4572e" "#fbf1dd"];
    "adventure":
        ["#155e63" "#f2c14e" "#f78154" "#fdf3dd"]
        ["#e9d8a6" "#0a6f75" "#bb4a14" "#12343b"]
        ["#274c77" "#f6ae2d" "#a3cef1" "#f5f0e1"];
    "animation":
        ["#ffd54a" "#ef476f" "#118ab2" "#2b2118"]
        ["#a8e0d1" "#ef5d60" "#26547c" "#1b3244"]
        ["#5b3d8a" "#ffd166" "#06d6a0" "#fff6e0"];
    "comedy":
        ["#f7c59f" "#e4572e" "#29335c" "#29335c"]
        ["#ffe066" "#f25f5c" "#247ba0" "#2a2d34"]
        ["#22577a" "#ffcf56" "#ff7f51" "#fff4dc"]
        ["#d7e8e4" "#e4572e" "#1f7a8c" "#22333b"];
    "crime":
        ["#17181c" "#d9b44a" "#5b5f6b" "#f1e9d8"]
        ["#2d2a32" "#c1292e" "#8b8589" "#f1ebe0"]
        ["#d8cfbe" "#1f1f24" "#9c2a2a" "#1f1f24"]
        ["#3b1f24" "#e0a458" "#7f4b4f" "#f5e9d9"];
    "documentary":
        ["#e8e4da" "#2f4b4f" "#d1603d" "#22302f"]
        ["#264653" "#e9c46a" "#8ab0ab" "#f4efe3"]
        ["#cdd4c8" "#33443c" "#b5532f" "#26332d"];
    "drama":
        ["#3a2e5c" "#e8a598" "#8f6bb3" "#f7ecdf"]
        ["#efe3d3" "#a8483b" "#35455e" "#2c2733"]
        ["#1f3a3d" "#e0b087" "#5f8d87" "#f3eadb"]
        ["#c9d6cf" "#2f5d62" "#b5563c" "#1f3336"]
        ["#5a1f2b" "#f0b67f" "#a5636b" "#fbeedd"]
        ["#e8c9b0" "#7b3b4b" "#2f4858" "#33202b"]
        ["#26364d" "#e3a857" "#6f89a8" "#f3ece0"];
    "family":
        ["#bfe3d0" "#f2785c" "#2f6690" "#1f3b4d"]
        ["#ffe3b3" "#e76f51" "#4a7c59" "#3a2b22"]
        ["#2f6690" "#ffd166" "#f28482" "#fdf6e3"];
    "fantasy":
        ["#241b4b" "#f6d186" "#7a5cc7" "#f5ecd7"]
        ["#10403b" "#e8c872" "#4f9d82" "#f2ecd9"]
        ["#d9cdf0" "#4b2e83" "#e08e45" "#2e1f52"];
    "history":
        ["#7a2e1d" "#e6b566" "#3b140c" "#fbeedb"]
        ["#e3d2b0" "#6b3a24" "#a9792b" "#3a2316"]
        ["#2f3e34" "#d4b06a" "#73856f" "#f2ead7"];
    "horror":
        ["#120d12" "#b3121d" "#4a2230" "#f3e6dc"]
        ["#9c1220" "#14090c" "#f0e2cf" "#fbeee0"]
        ["#1c2b22" "#a7c957" "#0d1510" "#eaf0dc"]
        ["#2b1330" "#f0d9b5" "#7d2248" "#f6e9dc"];
    "music":
        ["#101935" "#f24c5e" "#f7b32b" "#fdf2e0"]
        ["#f3d3c4" "#6d1f4b" "#ee6c4d" "#3c1430"]
        ["#4b1d52" "#ff9f5a" "#35c2b6" "#fdeede"];
    "mystery":
        ["#1b2a41" "#e5c07b" "#3f587a" "#efe6d2"]
        ["#33272a" "#e09f5f" "#6b4f4f" "#f3e7d9"]
        ["#c9d1d3" "#22333b" "#8a5a44" "#1d2b32"];
    "romance":
        ["#f6c9c4" "#c9304a" "#7b1e3a" "#5a142b"]
        ["#8f1d3f" "#f7a6a0" "#f9dcc4" "#fdeee6"]
        ["#fbe3d0" "#e0566b" "#3d5a80" "#48213a"]
        ["#2b2d5b" "#f28f8f" "#8d7bc4" "#fbeee8"];
    "science-fiction":
        ["#0b132b" "#5bc0be" "#f26a4b" "#e8f1f2"]
        ["#e4e6e1" "#1f3b5a" "#f0592a" "#17263a"]
        ["#2c1150" "#ff6bac" "#58d6d6" "#f4ebff"]
        ["#10373e" "#ffb454" "#4fb3a5" "#eaf4ef"];
    "thriller":
        ["#e2542b" "#1a1414" "#f6e3c5" "#1a1414"]
        ["#141a21" "#e7c13b" "#3b4a5a" "#f2ecdc"]
        ["#e6ddca" "#b3261e" "#1e1e22" "#1e1e22"]
        ["#2b2440" "#e8604c" "#7a6fa0" "#f4ece4"]
        ["#c8cfc4" "#25302c" "#a8402b" "#202a26"];
    "tv-movie":
        ["#2e4057" "#f4d35e" "#ee964b" "#faf0dc"]
        ["#f1e4cb" "#0d7c86" "#e2583e" "#22343a"]
        ["#5c2e46" "#f2b5a7" "#8fc0a9" "#fbeee4"];
    "war":
        ["#4a4a35" "#e0c58f" "#22231a" "#f4ecd8"]
        ["#c9b793" "#4b3b2a" "#9b2d1f" "#33271b"]
        ["#2b2f33" "#d9592f" "#6e7175" "#f0e8da"];
    "western":
        ["#e07a3f" "#7c2d12" "#f9d27d" "#3b1407"]
        ["#f0cf94" "#b5482a" "#5b2a1a" "#43200f"]
        ["#5a2333" "#f2a65a" "#c8553d" "#fbe9d0"];
}

impl Palette {
    pub fn first_of(genre: &str) -> &'static Palette {
        &palettes(genre)[0]
    }

    pub fn one_of(genre: &str, dice: &mut Dice) -> &'static Palette {
        let palettes = palettes(genre);
        &palettes[usize::from(dice.below(palettes.len() as u16))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn the_title_can_be_read_on_every_ground() {
        assert_eq!(GENRES.len(), 19);
        for genre in GENRES {
            assert!(palettes(genre).len() >= 3, "{genre}");
            for (which, palette) in palettes(genre).iter().enumerate() {
                let (ink, ground) = (luminance(palette.ink), luminance(palette.ground));
                let contrast = (ink.max(ground) + 0.05) / (ink.min(ground) + 0.05);
                assert!(contrast >= 4.5, "{genre} {which}: {contrast:.2}");
            }
        }
    }
}
