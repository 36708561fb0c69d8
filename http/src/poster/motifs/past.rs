//! Motifs of documentary, fantasy, history.

use std::f32::consts::TAU;

use super::{Canvas, MIDDLE};
use crate::poster::Dice;
use crate::poster::palette::Palette;

pub fn documentary(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(2) {
        0 => lens(canvas, dice),
        _ => strip(canvas, dice),
    }
}

pub fn fantasy(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(2) {
        0 => castle(canvas, dice),
        _ => portal(canvas, dice),
    }
}

pub fn history(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(2) {
        0 => arches(canvas, dice),
        _ => columns(canvas, dice),
    }
}

/// A lens, and the frame that it sees.
fn lens(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    canvas.circle(MIDDLE, 124.0, 70.0, first);
    canvas.ring(MIDDLE, 124.0, 52.0, 2.0, ground);
    canvas.circle(MIDDLE, 124.0, 34.0, second);
    let (x, y) = (dice.between(104.0, 136.0), dice.between(106.0, 120.0));
    canvas.circle(x, y, 9.0, ground);
    for (x, y, across, down) in [
        (28.0, 32.0, 1.0, 1.0),
        (212.0, 32.0, -1.0, 1.0),
        (28.0, 216.0, 1.0, -1.0),
        (212.0, 216.0, -1.0, -1.0),
    ] {
        let path = format!(
            "M{x} {y} h{} v{} h{} v{} h{}z",
            across * 30.0,
            down * 6.0,
            across * -24.0,
            down * 24.0,
            across * -6.0
        );
        canvas.path(&path, first);
    }
}

/// A strip of film.
fn strip(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let degrees = dice.between(-16.0, 16.0);
    let horizon = dice.between(0.4, 0.7);
    canvas.turned(degrees, |canvas| {
        canvas.bar(56.0, -60.0, 128.0, 360.0, first);
        for index in 0..4_u8 {
            let y = -42.0 + f32::from(index) * 92.0;
            canvas.bar(80.0, y, 80.0, 78.0, ground);
            canvas.bar(
                80.0,
                y + 78.0 * horizon,
                80.0,
                78.0 * (1.0 - horizon),
                second,
            );
            canvas.circle(
                100.0 + f32::from(index) * 13.0,
                y + 78.0 * horizon - 12.0,
                9.0,
                second,
            );
        }
        for index in 0..14_u8 {
            let y = -54.0 + f32::from(index) * 25.0;
            canvas.bar(63.0, y, 10.0, 13.0, ground);
            canvas.bar(167.0, y, 10.0, 13.0, ground);
        }
    });
}

/// A tower, a moon and stars.
fn castle(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let side = if dice.coin() { 1.0 } else { -1.0 };
    canvas.circle(MIDDLE - side * 34.0, 96.0, 52.0, first);
    canvas.circle(MIDDLE - side * 56.0, 84.0, 46.0, ground);
    for _ in 0..9 {
        let (x, y) = (dice.between(22.0, 218.0), dice.between(40.0, 150.0));
        let size = dice.between(2.0, 5.0);
        canvas.shape(
            &[
                (x, y - size * 2.0),
                (x + size * 0.5, y - size * 0.5),
                (x + size * 2.0, y),
                (x + size * 0.5, y + size * 0.5),
                (x, y + size * 2.0),
                (x - size * 0.5, y + size * 0.5),
                (x - size * 2.0, y),
                (x - size * 0.5, y - size * 0.5),
            ],
            first,
        );
    }
    for (offset, width, top) in [
        (0.0, 34.0, 116.0),
        (44.0, 26.0, 150.0),
        (-40.0, 24.0, 164.0),
    ] {
        let x = MIDDLE + side * 40.0 + offset - width / 2.0;
        canvas.bar(x, top, width, 240.0 - top, second);
        canvas.shape(
            &[
                (x - 4.0, top),
                (x + width / 2.0, top - width * 1.3),
                (x + width + 4.0, top),
            ],
            second,
        );
        canvas.path(
            &format!(
                "M{} {} v-9 a4 4 0 0 1 8 0 v9z",
                x + width / 2.0 - 4.0,
                top + 34.0
            ),
            first,
        );
    }
}

/// Gates behind gates, and a star in the last.
fn portal(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    for index in 0..4_u8 {
        let half = 92.0 - f32::from(index) * 21.0;
        let top = 44.0 + f32::from(index) * 24.0 + half;
        let fill = if index % 2 == 0 { second } else { ground };
        canvas.path(
            &format!(
                "M{} 240 V{top} a{half} {half} 0 0 1 {} 0 V240z",
                MIDDLE - half,
                half * 2.0
            ),
            fill,
        );
    }
    let points: u8 = 4 + 2 * dice.below(3) as u8;
    let mut star = Vec::new();
    for index in 0..points * 2 {
        let angle = TAU * f32::from(index) / f32::from(points * 2) - TAU / 4.0;
        let radius = if index % 2 == 0 { 34.0 } else { 9.0 };
        star.push((MIDDLE + radius * angle.cos(), 150.0 + radius * angle.sin()));
    }
    canvas.shape(&star, first);
}

/// Arches upon arches.
fn arches(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let ruined = f32::from(dice.below(3));
    for row in 0..3_u8 {
        let y = 52.0 + f32::from(row) * 62.0;
        let columns = 5.0 - if row == 0 { 1.0 + ruined * 0.5 } else { 0.0 };
        canvas.bar(
            20.0,
            y,
            columns.floor() * 40.0,
            62.0,
            if row == 1 { second } else { first },
        );
        for column in 0..columns as u8 {
            let x = 29.0 + f32::from(column) * 40.0;
            canvas.path(
                &format!("M{x} {} v-24 a11 11 0 0 1 22 0 v24z", y + 56.0),
                ground,
            );
        }
        canvas.bar(20.0, y, columns.floor() * 40.0, 4.0, ground);
    }
}

/// Columns that still stand.
fn columns(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let broken = dice.below(4);
    for index in 0..4_u16 {
        let x = 32.0 + f32::from(index) * 48.0;
        let top = if index == broken {
            dice.between(110.0, 160.0)
        } else {
            84.0
        };
        canvas.bar(
            x,
            top,
            32.0,
            220.0 - top,
            if index == broken { second } else { first },
        );
        for groove in 0..3_u8 {
            canvas.veil(0.35, |canvas| {
                canvas.bar(
                    x + 6.0 + f32::from(groove) * 8.5,
                    top + 4.0,
                    2.5,
                    212.0 - top,
                    canvas.palette.ground,
                );
            });
        }
    }
    canvas.bar(22.0, 218.0, 196.0, 22.0, first);
    canvas.bar(22.0, 68.0, 196.0, 14.0, first);
    canvas.shape(&[(14.0, 64.0), (226.0, 64.0), (120.0, 22.0)], second);
}
