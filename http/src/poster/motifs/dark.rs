//! Motifs of crime, horror, mystery.

use std::fmt::Write;

use super::{Canvas, MIDDLE};
use crate::poster::Dice;
use crate::poster::palette::Palette;

pub fn crime(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(2) {
        0 => blinds(canvas, dice),
        _ => fingerprint(canvas, dice),
    }
}

pub fn horror(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(3) {
        0 => eye(canvas, dice),
        1 => door(canvas, dice),
        _ => claws(canvas, dice),
    }
}

pub fn mystery(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(2) {
        0 => keyhole(canvas, dice),
        _ => magnifier(canvas, dice),
    }
}

/// A lamp behind blinds.
fn blinds(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let x = dice.between(95.0, 145.0);
    let degrees = dice.between(-14.0, 14.0);
    canvas.circle(x, 126.0, 84.0, first);
    // A hat's brim and crown, as a shadow in the light.
    canvas.path(
        &format!(
            "M{} 160 q64 -22 128 0 q-20 14 -64 14 t-64 -14z M{} 152 q2 -50 16 -52 q18 8 36 0 q14 2 16 52z",
            x - 64.0,
            x - 34.0
        ),
        ground,
    );
    canvas.turned(degrees, |canvas| {
        for index in 0..9_u8 {
            let y = 22.0 + f32::from(index) * 24.0;
            let (height, fill) = if index % 4 == 3 {
                (3.0, second)
            } else {
                (8.0, ground)
            };
            canvas.bar(-40.0, y, 320.0, height, fill);
        }
    });
}

fn fingerprint(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let degrees = dice.between(-24.0, 24.0);
    let broken = dice.below(5);
    canvas.turned(degrees, |canvas| {
        for index in 0..8_u16 {
            let radius = 9.0 + f32::from(index) * 10.5;
            let stroke = if index == broken + 1 { second } else { first };
            let gap = dice.between(14.0, 40.0);
            let _ = write!(
                canvas.svg,
                "<ellipse cx=\"120\" cy=\"122\" rx=\"{:.1}\" ry=\"{radius:.1}\" fill=\"none\" stroke=\"{stroke}\" \
                 stroke-width=\"5\" stroke-linecap=\"round\" stroke-dasharray=\"{:.0} {gap:.0}\" \
                 stroke-dashoffset=\"{:.0}\"/>",
                radius * 0.76,
                radius * 3.4,
                gap * f32::from(index),
            );
        }
    });
}

/// An eye between teeth.
fn eye(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let teeth: u8 = 5 + dice.below(3) as u8;
    let width = 240.0 / f32::from(teeth);
    for index in 0..teeth {
        let x = f32::from(index) * width;
        let (upper, lower) = (dice.between(34.0, 62.0), dice.between(34.0, 62.0));
        canvas.shape(
            &[(x, 0.0), (x + width, 0.0), (x + width / 2.0, upper + 14.0)],
            second,
        );
        canvas.shape(
            &[
                (x - width / 2.0, 240.0),
                (x + width / 2.0, 240.0),
                (x, 240.0 - lower),
            ],
            second,
        );
    }
    canvas.path("M42 122 Q120 44 198 122 Q120 200 42 122z", first);
    canvas.circle(MIDDLE, 122.0, 31.0, ground);
    canvas.shape(
        &[
            (120.0, 96.0),
            (127.0, 122.0),
            (120.0, 148.0),
            (113.0, 122.0),
        ],
        first,
    );
}

/// A door that is not quite closed.
fn door(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let side = if dice.coin() { 1.0 } else { -1.0 };
    let open = dice.between(14.0, 34.0);
    let x = |offset: f32| MIDDLE + side * offset;
    canvas.shape(
        &[
            (x(-62.0), 34.0),
            (x(62.0), 34.0),
            (x(62.0), 214.0),
            (x(-62.0), 214.0),
        ],
        second,
    );
    canvas.shape(
        &[
            (x(62.0 - open), 34.0),
            (x(62.0), 34.0),
            (x(62.0), 214.0),
            (x(62.0 - open), 214.0),
        ],
        first,
    );
    canvas.shape(
        &[
            (x(62.0 - open), 214.0),
            (x(62.0), 214.0),
            (x(150.0), 240.0),
            (x(20.0 - open), 240.0),
        ],
        first,
    );
    canvas.circle(x(50.0 - open), 128.0, 4.5, ground);
    // Somebody stands in the light.
    canvas.circle(x(62.0 - open * 0.45), 150.0, open * 0.2, ground);
    canvas.shape(
        &[
            (x(62.0 - open * 0.62), 214.0),
            (x(62.0 - open * 0.45), 154.0),
            (x(62.0 - open * 0.28), 214.0),
        ],
        ground,
    );
}

/// Three claws across the moon.
fn claws(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, ground, .. } = canvas.palette;
    canvas.circle(MIDDLE, 122.0, 84.0, first);
    let degrees = dice.between(14.0, 36.0) * if dice.coin() { 1.0 } else { -1.0 };
    canvas.turned(degrees, |canvas| {
        for index in 0..4_u8 {
            let x = 66.0 + f32::from(index) * 36.0;
            let drop = dice.between(0.0, 26.0);
            canvas.shape(
                &[
                    (x - 2.0, 14.0 + drop),
                    (x + 9.0, 120.0),
                    (x - 2.0, 232.0 - drop),
                    (x - 9.0, 120.0),
                ],
                ground,
            );
        }
    });
}

/// A keyhole, and the light that falls through it.
fn keyhole(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let x = dice.between(96.0, 144.0);
    let fall = (x - MIDDLE) * 1.6;
    canvas.bar(34.0, 26.0, 172.0, 214.0, second);
    canvas.shape(
        &[
            (x - 10.0, 118.0),
            (x + 10.0, 118.0),
            (x + 62.0 + fall, 240.0),
            (x - 62.0 + fall, 240.0),
        ],
        first,
    );
    canvas.circle(x, 98.0, 30.0, first);
    canvas.circle(x, 98.0, 12.0, ground);
    for y in [26.0, 132.0] {
        canvas.veil(0.5, |canvas| canvas.bar(34.0, y, 172.0, 2.0, ground));
    }
}

/// A lens over traces.
fn magnifier(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    for row in 0..6_u8 {
        for column in 0..6_u8 {
            let radius = dice.between(2.5, 6.5);
            canvas.circle(
                30.0 + f32::from(column) * 36.0,
                32.0 + f32::from(row) * 36.0,
                radius,
                second,
            );
        }
    }
    let degrees = dice.between(20.0, 70.0);
    canvas.turned(degrees, |canvas| {
        canvas.bar(MIDDLE + 54.0, MIDDLE - 8.0, 74.0, 16.0, first);
        canvas.circle(MIDDLE, MIDDLE, 66.0, first);
        canvas.circle(MIDDLE, MIDDLE, 53.0, ground);
        canvas.circle(MIDDLE, MIDDLE, 23.0, second);
    });
}
