//! Stars: shown, chosen, counted. A rating is in half stars, 1 to 10.

use maud::{Markup, html};

use crate::assets::asset;
use crate::language::{Language, Message};
use crate::t;

/// "3.5" or "4", as both languages write it.
fn number_of(half_stars: u8) -> String {
    let whole = half_stars / 2;
    if half_stars.is_multiple_of(2) {
        whole.to_string()
    } else {
        format!("{whole}.5")
    }
}

/// Five stars, some of them full.
pub fn stars(language: Language, half_stars: u8) -> Markup {
    let label = t!(language, "stars-label", stars = number_of(half_stars));
    html! {
        svg class="stars" viewBox="0 0 120 24" role="img" aria-label=(label) {
            use href={ (asset("icons.svg")) "#stars-" (half_stars.min(10)) } {}
        }
    }
}

/// Ten radio buttons that look like five stars. The arrow keys move through them; nothing of
/// it needs a script.
pub fn star_input(
    language: Language,
    name: &str,
    chosen: Option<u8>,
    error: Option<&Message>,
) -> Markup {
    let error_id = format!("{name}-error");
    html! {
        fieldset class="star-input" id=(name) aria-describedby=[error.map(|_| &error_id)] {
            legend { (t!(language, "review-rating-label")) }
            div class="star-input-row" {
                @for half_stars in 1..=10_u8 {
                    @let id = format!("{name}-{half_stars}");
                    @let side = if half_stars.is_multiple_of(2) { "right" } else { "left" };
                    input type="radio" id=(id) name=(name) value=(number_of(half_stars))
                        required checked[chosen == Some(half_stars)];
                    label for=(id) class=(side) {
                        svg viewBox=(if side == "left" { "0 0 12.4 24" } else { "0 0 12 24" }) aria-hidden="true" {
                            use href={ (asset("icons.svg")) "#star-" (side) } {}
                        }
                        span class="visually-hidden" {
                            (t!(language, "stars-label", stars = number_of(half_stars)))
                        }
                        span class="star-input-value" aria-hidden="true" { (number_of(half_stars)) }
                    }
                }
            }
            p class="hint" { (t!(language, "review-rating-hint")) }
            @if let Some(error) = error {
                p class="field-error" id=(error_id) { (error.to(language)) }
            }
        }
    }
}

/// How many gave half a star, one star … five stars: ten bars with their numbers as texts.
pub fn histogram(language: Language, counts: &[u64; 10]) -> Markup {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    html! {
        div class="histogram" {
            ol aria-label=(t!(language, "histogram-label")) {
                @for (half_stars, &count) in (1..=10_u8).zip(counts) {
                    @let label = t!(
                        language, "histogram-bar", stars = number_of(half_stars), count = count
                    );
                    // A bar that stands for somebody can be seen.
                    @let height = (count * 100).div_ceil(most).max(if count > 0 { 3 } else { 1 });
                    li title=(label) {
                        span class="visually-hidden" { (label) }
                        svg viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true" {
                            rect y=(100 - height) width="10" height=(height) {}
                        }
                    }
                }
            }
            div class="histogram-scale" aria-hidden="true" {
                svg class="stars" viewBox="0 0 24 24" {
                    use href={ (asset("icons.svg")) "#star" } {}
                }
                svg class="stars" viewBox="0 0 120 24" {
                    use href={ (asset("icons.svg")) "#stars-10" } {}
                }
            }
        }
    }
}

/// The average as a large number, how many rated, and the histogram.
pub fn rating_summary(language: Language, average: Option<f64>, counts: &[u64; 10]) -> Markup {
    let ratings: u64 = counts.iter().sum();
    html! {
        section class="rating-summary" aria-label=(t!(language, "film-rating-average")) {
            @match average {
                Some(average) => {
                    p class="rating-average" {
                        strong { (format!("{average:.1}")) }
                        span { (t!(language, "film-ratings-count", count = ratings)) }
                    }
                    (histogram(language, counts))
                }
                None => p class="rating-none" { (t!(language, "film-no-ratings")) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_stars_are_said_and_drawn() {
        let html = stars(Language::En, 7).into_string();
        assert!(html.contains("aria-label=\"3.5 out of 5 stars\"") && html.contains("#stars-7\""));
        assert!(
            stars(Language::Ko, 10)
                .into_string()
                .contains("별 5개 중 5개")
        );
    }

    #[test]
    fn ten_radios_in_order_with_one_chosen() {
        let html = star_input(Language::En, "rating", Some(7), None).into_string();
        assert_eq!(html.matches("type=\"radio\"").count(), 10);
        assert!(html.contains("value=\"3.5\" required checked"));
        assert!(html.find("value=\"0.5\"") < html.find("value=\"5\""));
    }

    #[test]
    fn a_histogram_says_its_numbers_and_its_longest_bar_is_full() {
        let html = histogram(Language::En, &[0, 1, 0, 0, 0, 0, 0, 200, 0, 0]).into_string();
        assert!(html.contains("1 stars: 1 person") && html.contains("4 stars: 200 people"));
        assert!(html.contains("y=\"0\" width=\"10\" height=\"100\""));
        assert!(html.contains("height=\"3\""));
        assert!(!html.contains("style="));
    }

    #[test]
    fn nobody_rated_yet() {
        let html = rating_summary(Language::En, None, &[0; 10]).into_string();
        assert!(html.contains("Nobody has rated this film yet."));
    }
}
