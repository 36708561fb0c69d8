//! The words of one language in all films' overviews, and how alike two texts are
//! (TF-IDF, cosine).

use std::collections::{BTreeMap, HashMap};

use super::words::Found;

#[derive(Debug, Default)]
pub struct Vocabulary {
    numbers: HashMap<String, u32>,
    words: Vec<Entry>,
    /// Films with a text.
    texts: usize,
}

#[derive(Debug)]
struct Entry {
    word: String,
    /// By their slots, in no order.
    films: Vec<u32>,
    /// Films that have it in a form that proves a noun.
    nouns: u32,
}

/// A film's words, ascending by number.
#[derive(Debug, Default)]
pub struct Text(Vec<Used>);

#[derive(Debug)]
struct Used {
    word: u32,
    /// 1 + ln of how often.
    often: f32,
    is_noun: bool,
}

/// A text's words with what they weigh among all texts of this moment.
pub struct Weighed {
    weights: Vec<(u32, f64)>,
    square: f64,
}

impl Vocabulary {
    pub fn add(&mut self, film: u32, found: Vec<Found>) -> Text {
        let mut counts: BTreeMap<u32, (u32, bool)> = BTreeMap::new();
        for Found { word, is_noun } in found {
            let number = self.number(word);
            let (count, noun) = counts.entry(number).or_default();
            *count += 1;
            *noun |= is_noun;
        }
        self.texts += usize::from(!counts.is_empty());
        let mut text = Vec::with_capacity(counts.len());
        for (word, (count, is_noun)) in counts {
            let entry = &mut self.words[word as usize];
            entry.films.push(film);
            entry.nouns += u32::from(is_noun);
            let often = 1.0 + (count as f32).ln();
            text.push(Used {
                word,
                often,
                is_noun,
            });
        }
        Text(text)
    }

    pub fn remove(&mut self, film: u32, text: &Text) {
        self.texts -= usize::from(!text.0.is_empty());
        for used in &text.0 {
            let entry = &mut self.words[used.word as usize];
            entry.films.retain(|other| *other != film);
            entry.nouns -= u32::from(used.is_noun);
        }
    }

    fn number(&mut self, word: String) -> u32 {
        let next = u32::try_from(self.words.len()).expect("fewer than four billion words");
        let number = *self.numbers.entry(word.clone()).or_insert(next);
        if number == next {
            self.words.push(Entry {
                word,
                films: Vec::new(),
                nouns: 0,
            });
        }
        number
    }

    /// The films of each of its words that at most so many films have, rarest first.
    pub fn rarest(&self, text: &Text, most_films: usize) -> impl Iterator<Item = &[u32]> {
        let mut rare: Vec<&Entry> = text
            .0
            .iter()
            .map(|used| &self.words[used.word as usize])
            .filter(|entry| entry.weight(self.texts) > 0.0 && entry.films.len() <= most_films)
            .collect();
        rare.sort_by(|a, b| (a.films.len(), &a.word).cmp(&(b.films.len(), &b.word)));
        rare.into_iter().map(|entry| &entry.films[..])
    }

    pub fn weigh(&self, text: &Text) -> Weighed {
        let weight = |used: &Used| {
            let rarity = self.words[used.word as usize].weight(self.texts);
            (used.word, f64::from(used.often) * rarity)
        };
        let weights: Vec<(u32, f64)> = text
            .0
            .iter()
            .map(weight)
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        let square = weights.iter().map(|(_, weight)| weight * weight).sum();
        Weighed { weights, square }
    }

    /// The cosine, and at most `count` words of both that make most of it; `None` where
    /// one of the texts says nothing.
    pub fn cosine(&self, a: &Weighed, b: &Weighed, count: usize) -> Option<(f64, Vec<String>)> {
        if a.square == 0.0 || b.square == 0.0 {
            return None;
        }
        let mut common = Vec::new();
        for (word, weight) in &a.weights {
            if let Ok(place) = b.weights.binary_search_by_key(word, |(word, _)| *word) {
                common.push((weight * b.weights[place].1, *word));
            }
        }
        let dot: f64 = common.iter().map(|(product, _)| product).sum();
        let word = |number: u32| &self.words[number as usize].word;
        common.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| word(a.1).cmp(word(b.1))));
        let most = common.into_iter().take(count);
        let words = most.map(|(_, number)| word(number).clone()).collect();
        Some((dot / (a.square * b.square).sqrt(), words))
    }
}

impl Entry {
    /// Nothing for what is a noun in no text, or in one text alone.
    fn weight(&self, texts: usize) -> f64 {
        if self.films.len() < 2 || self.nouns == 0 {
            return 0.0;
        }
        (texts as f64 / self.films.len() as f64).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{english, korean};
    use super::*;

    #[test]
    fn rare_common_words_make_texts_alike() {
        let mut vocabulary = Vocabulary::default();
        let texts = [
            "a heist on a train",
            "the heist of gold",
            "a train",
            "a cowboy",
        ];
        let texts: Vec<Text> = (0..)
            .zip(texts)
            .map(|(film, text)| vocabulary.add(film, english(text)))
            .collect();
        let weighed: Vec<Weighed> = texts.iter().map(|text| vocabulary.weigh(text)).collect();
        let (cosine, words) = vocabulary.cosine(&weighed[0], &weighed[1], 3).unwrap();
        // "gold" is in one text alone and weighs nothing
        assert!((cosine - 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(words, ["heist"]);
        assert!(vocabulary.cosine(&weighed[0], &weighed[3], 3).is_none());
        let rare: Vec<&[u32]> = vocabulary.rarest(&texts[0], 5).collect();
        assert_eq!(rare, [[0, 1], [0, 2]]);
    }

    #[test]
    fn a_removed_text_counts_no_more() {
        let mut vocabulary = Vocabulary::default();
        let one = vocabulary.add(1, english("heist"));
        let two = vocabulary.add(2, english("heist"));
        vocabulary.add(3, english("cowboy"));
        assert_eq!(vocabulary.rarest(&one, 9).count(), 1);
        vocabulary.remove(2, &two);
        assert_eq!(vocabulary.rarest(&one, 9).count(), 0);
    }

    #[test]
    fn korean_verbs_are_no_nouns() {
        let mut vocabulary = Vocabulary::default();
        let one = vocabulary.add(1, korean("떠나는 가족"));
        let two = vocabulary.add(2, korean("떠나는 가족을"));
        vocabulary.add(3, korean("기차를"));
        let (one, two) = (vocabulary.weigh(&one), vocabulary.weigh(&two));
        assert_eq!(vocabulary.cosine(&one, &two, 3).unwrap().1, ["가족"]);
    }
}
