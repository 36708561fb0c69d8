//! The measurements as a table for people.

use std::fmt;

use super::measure::Measured;

/// Everything that was measured. Its text is the same for the same data.
pub struct Report {
    pub ratings: usize,
    pub likes: usize,
    pub tables: Vec<Table>,
}

pub struct Table {
    pub title: &'static str,
    /// Films that are ranked.
    pub films: usize,
    pub rows: Vec<Row>,
}

pub struct Row {
    pub model: &'static str,
    pub parameters: String,
    pub measured: Measured,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} ratings, {} of them likes (4 stars or more)",
            self.ratings, self.likes
        )?;
        self.tables
            .iter()
            .try_for_each(|table| write!(f, "\n{table}"))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cases = self.rows.first().map_or(0, |row| row.measured.cases);
        writeln!(f, "{}: {cases} members, {} films", self.title, self.films)?;
        writeln!(
            f,
            "{:<28} {:>9} {:>8} {:>8}  parameters",
            "model", "Recall@10", "nDCG@10", "coverage"
        )?;
        for Row {
            model,
            parameters,
            measured,
        } in &self.rows
        {
            let Measured {
                recall,
                ndcg,
                coverage,
                ..
            } = measured;
            let line =
                format!("{model:<28} {recall:>9.4} {ndcg:>8.4} {coverage:>8.4}  {parameters}");
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
