//! Checkpoints that nobody signed who may. Whoever can add a row to the table can add many.

/// Told one by one; of more it is told how many there are.
const TOLD: usize = 100;

#[derive(Clone, Debug, Default)]
pub(super) struct Forged {
    /// The lowest, by the size of the tree that they claim.
    told: Vec<(i64, String)>,
    count: usize,
}

impl Forged {
    /// Takes one more; they come by their size.
    pub fn push(&mut self, size: i64, sentence: impl FnOnce() -> String) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push((size, sentence()));
        }
    }

    pub fn add(&mut self, other: Forged) {
        self.count += other.count;
        self.told.extend(other.told);
        self.told.sort_by_key(|(size, _)| *size);
        self.told.truncate(TOLD);
    }

    pub fn sentences(self) -> Vec<String> {
        let more = self.count - self.told.len();
        let mut sentences: Vec<String> = self.told.into_iter().map(|(_, told)| told).collect();
        if more > 0 {
            sentences.push(format!("{more} more checkpoints count for nothing"));
        }
        sentences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forged(sizes: impl Iterator<Item = i64>) -> Forged {
        let mut forged = Forged::default();
        sizes.for_each(|size| forged.push(size, || size.to_string()));
        forged
    }

    #[test]
    fn the_lowest_are_told_whoever_finds_them_and_the_others_are_counted() {
        let mut all = Forged::default();
        all.add(forged((0..900).filter(|size| size % 2 == 1)));
        all.add(forged((0..900).filter(|size| size % 2 == 0)));
        let sentences = all.sentences();
        let lowest: Vec<String> = (0..100).map(|size| size.to_string()).collect();
        assert_eq!(sentences[..100], lowest);
        assert_eq!(sentences[100..], ["800 more checkpoints count for nothing"]);
        assert_eq!(forged(0..1).sentences(), ["0"]);
    }
}
