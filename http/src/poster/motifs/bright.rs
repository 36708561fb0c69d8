//! Motifs of animation, comedy, family, television.

use std::f32::consts::TAU;
use std::fmt::Write;

use super::{Canvas, MIDDLE};
use crate::poster::Dice;
use crate::poster::palette::Palette;

pub fn animation(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(2) {
        0 => bounce(canvas, dice),
        _ => flip_book(canvas, dice),
    }
}

pub fn comedy(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(2) {
        0 => halves(canvas, dice),
        _ => smile(canvas, dice),
    }
}

/// A row of different sizes under one roof.
pub fn family(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    canvas.shape(
        &[
            (MIDDLE, 34.0),
            (214.0, 112.0),
            (214.0, 240.0),
            (26.0, 240.0),
            (26.0, 112.0),
        ],
        second,
    );
    let mut radii = [26.0, 22.0, 15.0, 12.0];
    let turn = usize::from(dice.below(4));
    radii.rotate_left(turn);
    let total: f32 = radii.iter().map(|radius| radius * 2.0).sum::<f32>() + 18.0;
    let mut x = MIDDLE - total / 2.0;
    for (index, radius) in radii.into_iter().enumerate() {
        let fill = if index % 2 == 0 { first } else { ground };
        let height = radius * 2.9;
        canvas.circle(x + radius, 240.0 - height, radius * 0.72, fill);
        canvas.path(
            &format!(
                "M{x:.1} 240 v{:.1} a{radius} {radius} 0 0 1 {:.1} 0 v{:.1}z",
                -height * 0.36,
                radius * 2.0,
                height * 0.36
            ),
            fill,
        );
        x += radius * 2.0 + 6.0;
    }
}

/// A test picture.
pub fn tv_movie(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ink,
    } = canvas.palette;
    let antenna = dice.between(20.0, 46.0);
    canvas.path(&format!("M120 70 l-{antenna:.1} -40 l4 -3 l{antenna:.1} 40z M120 70 l{antenna:.1} -36 l-4 -3 l-{antenna:.1} 36z"), first);
    let _ = write!(
        canvas.svg,
        "<rect x=\"30\" y=\"64\" width=\"180\" height=\"146\" rx=\"22\" fill=\"{first}\"/>"
    );
    let _ = write!(
        canvas.svg,
        "<rect x=\"46\" y=\"80\" width=\"114\" height=\"114\" rx=\"14\" fill=\"{ground}\"/>"
    );
    let turn = usize::from(dice.below(4));
    let mut fills = [second, first, ink, second];
    fills.rotate_left(turn);
    for (index, fill) in (0..4_u8).zip(fills) {
        canvas.bar(58.0 + f32::from(index) * 23.0, 98.0, 20.0, 78.0, fill);
    }
    canvas.circle(185.0, 104.0, 10.0, second);
    canvas.circle(185.0, 134.0, 10.0, ground);
    for index in 0..4_u8 {
        canvas.bar(175.0, 160.0 + f32::from(index) * 9.0, 20.0, 3.0, ground);
    }
}

/// A ball that bounces through its frames.
fn bounce(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let frames: u8 = 7 + dice.below(3) as u8;
    let mirrored = dice.coin();
    canvas.bar(0.0, 206.0, 240.0, 5.0, second);
    for index in 0..frames {
        let along = f32::from(index) / f32::from(frames - 1);
        let bounce = (along * TAU * 0.75).cos().abs() * (1.0 - along * 0.35);
        let x = 30.0 + along * 180.0;
        let x = if mirrored { 240.0 - x } else { x };
        let radius = 14.0 + along * 12.0;
        let is_last = index == frames - 1;
        let y = if is_last {
            206.0 - radius
        } else {
            206.0 - radius - bounce * 128.0
        };
        if is_last {
            canvas.circle(x, y, radius, first);
        } else {
            canvas.veil(0.25 + along * 0.5, |canvas| {
                canvas.circle(x, y, radius, first)
            });
        }
    }
}

/// Pages of a flip book.
fn flip_book(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let twist = dice.between(8.0, 14.0) * if dice.coin() { 1.0 } else { -1.0 };
    for index in (0..6_u8).rev() {
        let step = f32::from(index);
        canvas.turned(twist * step - twist * 2.0, |canvas| {
            canvas.veil(1.0 - step * 0.15, |canvas| {
                canvas.bar(62.0, 58.0, 116.0, 116.0, second)
            });
            if index == 0 {
                canvas.circle(MIDDLE, 116.0, 38.0, first);
                canvas.circle(MIDDLE + 12.0, 106.0, 8.0, ground);
            }
        });
    }
}

/// Half circles that laugh at each other.
fn halves(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    for row in 0..3_u8 {
        for column in 0..3_u8 {
            let (x, y) = (
                34.0 + f32::from(column) * 60.0,
                52.0 + f32::from(row) * 56.0,
            );
            let fill = if (row + column) % 2 == 0 {
                first
            } else {
                second
            };
            let arc = match dice.below(5) {
                0 => format!("M{x} {} a26 26 0 0 1 52 0z", y + 38.0),
                1 => {
                    canvas.circle(x + 26.0, y + 25.0, 25.0, fill);
                    continue;
                }
                _ => format!("M{x} {} a26 26 0 0 0 52 0z", y + 12.0),
            };
            canvas.path(&arc, fill);
        }
    }
}

/// One large smile.
fn smile(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let wink = dice.below(3);
    let degrees = dice.between(-12.0, 12.0);
    canvas.turned(degrees, |canvas| {
        canvas.path("M38 126 a82 82 0 0 0 164 0z", first);
        canvas.path("M84 186 a52 40 0 0 1 72 0 a82 82 0 0 1 -72 0z", second);
        for (index, x) in [(0_u16, 84.0), (1, 156.0)] {
            if wink == index {
                canvas.bar(x - 19.0, 78.0, 38.0, 9.0, second);
            } else {
                canvas.circle(x, 80.0, 17.0, second);
            }
        }
    });
}
