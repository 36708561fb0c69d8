//! Motifs of adventure, science fiction, western.

use std::f32::consts::TAU;

use super::{Canvas, MIDDLE};
use crate::poster::Dice;
use crate::poster::palette::Palette;

pub fn adventure(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(2) {
        0 => peaks(canvas, dice),
        _ => compass(canvas, dice),
    }
}

pub fn science_fiction(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(3) {
        0 => planet(canvas, dice),
        1 => monolith(canvas, dice),
        _ => orbits(canvas, dice),
    }
}

/// A low sun behind the mesas.
pub fn western(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let x = dice.between(84.0, 156.0);
    canvas.circle(x, 128.0, 70.0, second);
    for index in 0..4_u8 {
        canvas.bar(
            0.0,
            138.0 + f32::from(index) * 15.0,
            240.0,
            2.0 + f32::from(index) * 1.6,
            ground,
        );
    }
    let mesa = dice.between(8.0, 60.0);
    let top = dice.between(126.0, 146.0);
    canvas.shape(
        &[
            (mesa - 30.0, 240.0),
            (mesa - 8.0, top),
            (mesa + 46.0, top),
            (mesa + 74.0, 240.0),
        ],
        first,
    );
    let other = dice.between(150.0, 190.0);
    canvas.shape(
        &[
            (other - 34.0, 240.0),
            (other - 10.0, 172.0),
            (other + 40.0, 172.0),
            (other + 66.0, 240.0),
        ],
        first,
    );
    canvas.bar(0.0, 218.0, 240.0, 22.0, first);
}

/// Peaks before a sun.
fn peaks(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let sun = dice.between(70.0, 170.0);
    canvas.circle(sun, 88.0, 40.0, first);
    let peak = dice.between(80.0, 160.0);
    let other = 240.0 - peak;
    canvas.shape(
        &[
            (other, 104.0),
            (other + 110.0, 240.0),
            (other - 110.0, 240.0),
        ],
        second,
    );
    canvas.veil(0.45, |canvas| {
        canvas.shape(
            &[(other, 104.0), (other + 110.0, 240.0), (other, 240.0)],
            ground,
        );
    });
    canvas.shape(
        &[(peak, 140.0), (peak + 104.0, 240.0), (peak - 104.0, 240.0)],
        first,
    );
    canvas.shape(
        &[
            (peak, 140.0),
            (peak + 26.0, 165.0),
            (peak, 178.0),
            (peak - 26.0, 165.0),
        ],
        ground,
    );
}

fn compass(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    canvas.circle(MIDDLE, MIDDLE, 88.0, second);
    canvas.ring(MIDDLE, MIDDLE, 76.0, 2.0, ground);
    let degrees = dice.between(15.0, 75.0) + 90.0 * f32::from(dice.below(4));
    canvas.turned(degrees, |canvas| {
        canvas.shape(
            &[
                (MIDDLE, 42.0),
                (MIDDLE + 20.0, MIDDLE),
                (MIDDLE - 20.0, MIDDLE),
            ],
            first,
        );
        canvas.shape(
            &[
                (MIDDLE, 198.0),
                (MIDDLE + 20.0, MIDDLE),
                (MIDDLE - 20.0, MIDDLE),
            ],
            ground,
        );
    });
    canvas.circle(MIDDLE, MIDDLE, 6.0, second);
}

/// A planet with a ring, and what circles it.
fn planet(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first, second, ink, ..
    } = canvas.palette;
    for _ in 0..16 {
        let (x, y) = (dice.between(14.0, 226.0), dice.between(36.0, 228.0));
        let size = dice.between(0.8, 2.0);
        canvas.circle(x, y, size, ink);
    }
    let degrees = dice.between(-34.0, 34.0);
    let radius = dice.between(48.0, 60.0);
    canvas.turned(degrees, |canvas| {
        canvas.circle(MIDDLE, MIDDLE, radius, first);
        let ring = format!(
            "M{left:.1} 120 a96 24 0 0 0 192 0 a96 24 0 0 0 -14 -13 l-10 4 a80 15 0 0 1 6 7 a82 15 0 0 1 -156 0 a80 15 0 0 1 6 -7 l-10 -4 a96 24 0 0 0 -14 13z",
            left = MIDDLE - 96.0
        );
        canvas.path(&ring, second);
    });
    let angle = dice.between(0.0, TAU);
    canvas.circle(
        MIDDLE + 92.0 * angle.cos(),
        MIDDLE + 78.0 * angle.sin(),
        8.0,
        second,
    );
}

/// A monolith before a world.
fn monolith(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first, second, ink, ..
    } = canvas.palette;
    let x = dice.between(90.0, 150.0);
    canvas.circle(x, 150.0, 76.0, second);
    canvas.circle(240.0 - x, 54.0, 15.0, first);
    canvas.bar(MIDDLE - 17.0, 74.0, 34.0, 166.0, ink);
    canvas.veil(0.5, |canvas| {
        canvas.bar(MIDDLE + 9.0, 74.0, 8.0, 166.0, first)
    });
}

/// Worlds on their orbits.
fn orbits(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first, second, ink, ..
    } = canvas.palette;
    canvas.circle(MIDDLE, MIDDLE, 19.0, second);
    for index in 0..4_u8 {
        let radius = 38.0 + f32::from(index) * 22.0;
        canvas.veil(0.5, |canvas| canvas.ring(MIDDLE, MIDDLE, radius, 1.5, ink));
        let angle = dice.between(0.0, TAU);
        let size = dice.between(4.5, 11.0);
        let fill = if index % 2 == 0 { first } else { second };
        canvas.circle(
            MIDDLE + radius * angle.cos(),
            MIDDLE + radius * angle.sin(),
            size,
            fill,
        );
    }
}
