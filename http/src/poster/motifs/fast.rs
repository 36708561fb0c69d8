//! Motifs of action, thriller, war.

use std::f32::consts::TAU;

use super::{Canvas, MIDDLE};
use crate::poster::Dice;
use crate::poster::palette::Palette;

pub fn action(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(2) {
        0 => chevrons(canvas, dice),
        _ => burst(canvas, dice),
    }
}

pub fn thriller(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(3) {
        0 => tunnel(canvas, dice),
        1 => vertigo(canvas, dice),
        _ => stairs(canvas, dice),
    }
}

/// Searchlights over a broken horizon.
pub fn war(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    for foot in [40.0, 120.0, 200.0] {
        let lean = dice.between(-80.0, 80.0);
        let spread = dice.between(12.0, 24.0);
        canvas.veil(0.62, |canvas| {
            canvas.shape(
                &[
                    (foot - 3.0, 214.0),
                    (foot + 3.0, 214.0),
                    (foot + lean + spread, 26.0),
                    (foot + lean - spread, 26.0),
                ],
                first,
            );
        });
    }
    let mut points = vec![(0.0, 240.0)];
    for index in 0..=16_u8 {
        points.push((f32::from(index) * 15.0, dice.between(180.0, 214.0)));
        points.push((f32::from(index) * 15.0 + 9.0, dice.between(192.0, 218.0)));
    }
    points.push((249.0, 240.0));
    canvas.shape(&points, second);
    canvas.circle(dice.between(60.0, 180.0), 92.0, 17.0, first);
}

/// Chevrons that rush upwards.
fn chevrons(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let lean = if dice.coin() { 45.0 } else { -45.0 };
    let count: u8 = 3 + dice.below(2) as u8;
    canvas.turned(lean, |canvas| {
        for index in 0..count {
            let y = 30.0 + f32::from(index) * 44.0;
            let fill = if index == 0 { first } else { second };
            canvas.shape(
                &[
                    (MIDDLE, y),
                    (MIDDLE + 78.0, y + 62.0),
                    (MIDDLE + 78.0, y + 92.0),
                    (MIDDLE, y + 30.0),
                    (MIDDLE - 78.0, y + 92.0),
                    (MIDDLE - 78.0, y + 62.0),
                ],
                fill,
            );
        }
    });
}

fn burst(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let (x, y) = (dice.between(90.0, 150.0), dice.between(100.0, 140.0));
    let rays = 9 + dice.below(5);
    let turn = dice.between(0.0, TAU);
    for index in 0..rays {
        let angle = turn + TAU * f32::from(index) / f32::from(rays);
        let half = TAU / f32::from(rays) / 4.4;
        let edge = |angle: f32| (x + 300.0 * angle.cos(), y + 300.0 * angle.sin());
        canvas.shape(&[(x, y), edge(angle - half), edge(angle + half)], second);
    }
    canvas.circle(x, y, 52.0, first);
    canvas.circle(x, y, 22.0, ground);
}

/// Squares that turn into a tunnel.
fn tunnel(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let twist = dice.between(7.0, 13.0) * if dice.coin() { 1.0 } else { -1.0 };
    for index in 0..8_u8 {
        let half = 104.0 * 0.78_f32.powi(i32::from(index));
        let fill = if index % 2 == 0 { first } else { second };
        canvas.turned(twist * f32::from(index), |canvas| {
            canvas.bar(
                MIDDLE - half,
                MIDDLE - half + 6.0,
                half * 2.0,
                half * 2.0,
                fill,
            );
        });
    }
}

/// Rings that slip towards you.
fn vertigo(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let angle = dice.between(0.0, TAU);
    let (x, y) = (angle.cos(), angle.sin());
    for index in 0..9_u8 {
        let step = f32::from(index);
        let radius = 104.0 - step * 11.6;
        let slip = step * step * 0.62;
        let fill = if index % 2 == 0 { first } else { second };
        canvas.circle(MIDDLE + x * slip, MIDDLE + y * slip, radius, fill);
    }
}

/// Stairs, and somebody small on them.
fn stairs(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let mirrored = dice.coin();
    let at = 1 + dice.below(4);
    let x = |x: f32| if mirrored { 240.0 - x } else { x };
    for index in 0..6_u16 {
        let (left, top) = (f32::from(index) * 40.0, 216.0 - f32::from(index) * 31.0);
        let fill = if index % 2 == 0 { first } else { second };
        canvas.shape(
            &[
                (x(left), top),
                (x(left + 40.5), top),
                (x(left + 40.5), 240.0),
                (x(left), 240.0),
            ],
            fill,
        );
        if index == at {
            canvas.circle(x(left + 20.0), top - 25.0, 7.0, canvas.palette.ink);
            canvas.shape(
                &[
                    (x(left + 12.0), top),
                    (x(left + 20.0), top - 20.0),
                    (x(left + 28.0), top),
                ],
                canvas.palette.ink,
            );
        }
    }
}
