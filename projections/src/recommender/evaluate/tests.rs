//! The whole evaluation on a folder of a few lines.

use std::fmt::Write;
use std::path::PathBuf;

use super::*;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, ratings: &str) -> Folder {
        let name = format!("reeltime-evaluate-{}-{name}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder.0).unwrap();
        let movies =
            "movieId,title,genres\r\n1,\"Harp, The (1999)\",Drama|Sci-Fi\r\n2,B (2000),Drama\r\n";
        std::fs::write(folder.0.join("movies.csv"), movies).unwrap();
        std::fs::write(folder.0.join("ratings.csv"), ratings).unwrap();
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn crowd() -> String {
    let mut ratings = String::from("userId,movieId,rating,timestamp\r\n");
    for (member, film) in (1..40).flat_map(|member| (1..30).map(move |film| (member, film))) {
        let rating = 0.5 * ((member * film + member + film) % 10 + 1) as f64;
        let at = (member * 1000 + film * 37) % 9973;
        write!(ratings, "{member},{film},{rating:.1},{at}\r\n").unwrap();
    }
    ratings
}

#[test]
fn every_model_is_measured_and_twice_the_same() {
    let folder = Folder::new("crowd", &crowd());
    let report = evaluate(&folder.0).unwrap();
    assert_eq!(report.ratings, 39 * 29);
    for table in &report.tables {
        assert_eq!(table.rows.len(), ENTRANTS.len());
        assert!(
            table
                .rows
                .iter()
                .all(|row| row.measured.cases == table.rows[0].measured.cases)
        );
        assert!(table.rows[0].measured.cases > 0 && table.rows[0].measured.recall > 0.0);
    }
    assert_eq!(report.to_string(), evaluate(&folder.0).unwrap().to_string());
}

#[test]
fn a_file_that_is_missing_or_malformed_is_named() {
    let missing = evaluate(&std::env::temp_dir().join("reeltime-nowhere"))
        .err()
        .unwrap();
    assert!(missing.to_string().contains("movies.csv"));
    let folder = Folder::new(
        "malformed",
        "userId,movieId,rating,timestamp\r\n1,x,3.0,7\r\n",
    );
    let malformed = evaluate(&folder.0).err().unwrap().to_string();
    assert!(
        malformed.contains("ratings.csv") && malformed.contains("invalid digit"),
        "{malformed}"
    );
}

#[test]
fn a_grid_is_every_combination() {
    let entrant = ENTRANTS
        .iter()
        .find(|entrant| entrant.name == "EASE, newest first")
        .unwrap();
    let grid = entrant.grid();
    assert_eq!(grid.len(), 25);
    assert_eq!(entrant.describe(grid[7]), "λ 100, h 3");
}
