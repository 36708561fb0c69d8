//! Fitting EASE: its cost grows with the cube of films or members, whichever are fewer.

use std::time::Instant;

use projections::recommender::{Ease, Like, Likes};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

const SIZES: [u128; 3] = [1_000, 2_500, 5_000];
/// As many times the fewer are the others.
const TIMES: u128 = 4;
/// Of a member, about; some films are liked by many, most by few.
const LIKES: usize = 40;
const LAMBDA: f64 = 200.0;

pub fn measure() {
    println!("\nFitting EASE");
    for size in SIZES {
        for (members, films) in [(size, TIMES * size), (TIMES * size, size)] {
            let likes = Likes::new(crowd(members, films));
            let (members, films) = (likes.members().len(), likes.films().len());
            let start = Instant::now();
            let ease = Ease::fit(&likes, LAMBDA);
            let seconds = start.elapsed().as_secs_f64();
            drop(ease);
            println!("  {members:>6} members, {films:>6} films   {seconds:>8.2} s");
        }
    }
}

fn crowd(members: u128, films: u128) -> Vec<Like> {
    let mut random = StdRng::seed_from_u64(1);
    let mut likes = Vec::new();
    for member in 0..members {
        for at in 0..LIKES {
            let popular: f64 = random.random::<f64>().powi(2);
            likes.push(Like {
                member: Uuid::from_u128(member),
                film: Uuid::from_u128((popular * films as f64) as u128),
                at: at as i64,
            });
        }
    }
    likes
}
