//! Motifs of drama, music, romance.

use std::fmt::Write;

use super::{Canvas, MIDDLE};
use crate::poster::Dice;
use crate::poster::palette::Palette;

pub fn drama(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(4) {
        0 => faces(canvas, dice),
        1 => window(canvas, dice),
        2 => quarters(canvas, dice),
        _ => reflection(canvas, dice),
    }
}

pub fn music(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(2) {
        0 => record(canvas, dice),
        _ => waves(canvas, dice),
    }
}

pub fn romance(canvas: &mut Canvas, dice: &mut Dice) {
    match dice.below(3) {
        0 => heart(canvas, dice),
        1 => leaning(canvas, dice),
        _ => rings(canvas, dice),
    }
}

/// Two faces, near and apart.
fn faces(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let distance = dice.between(24.0, 46.0);
    let degrees = dice.between(-40.0, 40.0);
    canvas.turned(degrees, |canvas| {
        canvas.circle(MIDDLE - distance, MIDDLE, 68.0, second);
        canvas.veil(0.86, |canvas| {
            canvas.circle(MIDDLE + distance, MIDDLE, 68.0, first)
        });
        canvas.bar(
            MIDDLE - distance - 68.0,
            MIDDLE - 1.5,
            2.0 * distance + 136.0,
            3.0,
            canvas.palette.ground,
        );
    });
}

/// A window, and somebody behind it.
fn window(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let x = dice.between(92.0, 148.0);
    canvas.path("M50 240 V116 a70 70 0 0 1 140 0 V240z", second);
    canvas.circle(x, 104.0, 26.0, first);
    canvas.path(
        &format!("M{:.1} 240 v-42 a42 54 0 0 1 84 0 v42z", x - 42.0),
        first,
    );
    canvas.bar(118.0, 40.0, 4.0, 200.0, ground);
    canvas.bar(50.0, 150.0, 140.0, 4.0, ground);
}

/// Quarters of circles, as they fell.
fn quarters(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    for row in 0..2_u8 {
        for column in 0..2_u8 {
            let (x, y) = (
                30.0 + f32::from(column) * 90.0,
                30.0 + f32::from(row) * 90.0,
            );
            let fill = if (row + column) % 2 == 0 {
                first
            } else {
                second
            };
            let path = match dice.below(5) {
                0 => format!("M{x} {y} h90 a90 90 0 0 1 -90 90z"),
                1 => format!("M{x} {y} h90 v90 a90 90 0 0 1 -90 -90z"),
                2 => format!("M{} {y} v90 h-90 a90 90 0 0 1 90 -90z", x + 90.0),
                3 => format!("M{x} {y} a90 90 0 0 1 90 90 h-90z"),
                _ => {
                    canvas.circle(x + 45.0, y + 45.0, 45.0, fill);
                    continue;
                }
            };
            canvas.path(&path, fill);
        }
    }
}

/// A light over water.
fn reflection(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let y = dice.between(118.0, 140.0);
    canvas.path(&format!("M44 {y:.1} a76 76 0 0 1 152 0z"), first);
    for index in 0..6_u8 {
        let step = f32::from(index);
        let half = (76.0 - step * 11.0) * dice.between(0.82, 1.06);
        let slip = dice.between(-9.0, 9.0);
        canvas.bar(
            MIDDLE - half + slip,
            y + 9.0 + step * 14.0,
            half * 2.0,
            6.0,
            second,
        );
    }
}

/// A record that goes round, and how loud it is.
fn record(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette {
        first,
        second,
        ground,
        ..
    } = canvas.palette;
    let x = if dice.coin() { 84.0 } else { 156.0 };
    canvas.circle(x, 108.0, 74.0, first);
    for radius in [62.0, 52.0, 42.0] {
        canvas.ring(x, 108.0, radius, 1.5, ground);
    }
    canvas.circle(x, 108.0, 27.0, second);
    canvas.circle(x, 108.0, 5.0, ground);
    for index in 0..12_u8 {
        let height = dice.between(8.0, 62.0);
        canvas.bar(
            24.0 + f32::from(index) * 16.4,
            234.0 - height,
            11.0,
            height,
            second,
        );
    }
}

/// Sound that spreads.
fn waves(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let x = if dice.coin() { 40.0 } else { 200.0 };
    let y = dice.between(150.0, 190.0);
    for index in 0..7_u8 {
        let stroke = if index % 2 == 0 { first } else { second };
        canvas.ring(x, y, 30.0 + f32::from(index) * 26.0, 9.0, stroke);
    }
    canvas.circle(x, y, 16.0, first);
}

/// Two halves of one heart.
fn heart(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let apart = dice.between(0.0, 9.0);
    let slip = dice.between(-16.0, 16.0);
    let half = |sign: f32, slip: f32| {
        format!(
            "M{x:.1} {top:.1} v128 l{side:.1} -72 a46 46 0 0 {sweep} {back:.1} -56z",
            x = MIDDLE + sign * apart,
            top = 76.0 + slip,
            side = sign * 82.0,
            back = sign * -82.0,
            sweep = if sign > 0.0 { 0 } else { 1 },
        )
    };
    canvas.path(&half(-1.0, slip), first);
    canvas.path(&half(1.0, -slip), second);
}

/// Two who lean on each other.
fn leaning(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let lean = dice.between(9.0, 19.0);
    for (sign, fill, opacity) in [(-1.0, second, 1.0), (1.0, first, 0.88)] {
        canvas.turned(lean * -sign, |canvas| {
            canvas.veil(opacity, |canvas| {
                let x = MIDDLE + sign * 34.0 - 34.0;
                let _ = write!(
                    canvas.svg,
                    "<rect x=\"{x:.1}\" y=\"44\" width=\"68\" height=\"240\" rx=\"34\" fill=\"{fill}\"/>"
                );
            });
        });
    }
}

/// Two rings, one through the other.
fn rings(canvas: &mut Canvas, dice: &mut Dice) {
    let Palette { first, second, .. } = canvas.palette;
    let degrees = dice.between(-38.0, 38.0);
    canvas.turned(degrees, |canvas| {
        canvas.ring(88.0, MIDDLE, 52.0, 17.0, first);
        canvas.ring(152.0, MIDDLE, 52.0, 17.0, second);
        // The first passes over the second at the upper crossing.
        canvas
            .svg
            .push_str("<path d=\"M88 68 a52 52 0 0 1 52 52\" fill=\"none\" stroke-width=\"17\" ");
        let _ = write!(canvas.svg, "stroke=\"{first}\"/>");
    });
}
