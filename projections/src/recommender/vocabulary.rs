//! The words of one language in all films' overviews, and how alike two texts are
//! (TF-IDF, cosine).
//!
//! A word that no text has any more is forgotten, and its number given to another.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::words::Found;

/// Words that texts have at the same time, as many as `Used` can number; at the bound further
/// ones are not looked at.
const MOST_WORDS: usize = 1 << 24;
/// A word that more films have than this leads to none of them, it is only compared.
const MOST_LED_TO: usize = 200;
/// The films of a word are listed up to so many, then counted, until they are few again.
const MOST_LISTED: usize = 2 * MOST_LED_TO;
/// More than this in one text is as often as this.
const MOST_OFTEN: u32 = 127;

#[derive(Debug, Default)]
pub struct Vocabulary {
    numbers: HashMap<Arc<str>, u32>,
    words: Vec<Entry>,
    /// Numbers of words that no text has any more.
    free: Vec<u32>,
    /// Films with a text.
    texts: usize,
}

#[derive(Debug)]
struct Entry {
    word: Arc<str>,
    /// Films that have it.
    count: u32,
    /// By their slots, in no order; `None`: they are many.
    films: Option<Vec<u32>>,
    /// Films that have it in a form that proves a noun.
    nouns: u32,
}

/// A film's words, ascending by number.
#[derive(Debug, Default)]
pub struct Text(Box<[Used]>);

/// The number of a word in 24 bits, how often it is there in 7, and whether as a noun.
#[derive(Clone, Copy, Debug)]
struct Used(u32);

/// A text's words with what they weigh among all texts of this moment.
pub struct Weighed {
    weights: Vec<(u32, f64)>,
    square: f64,
}

impl Used {
    fn new(word: u32, count: u32, is_noun: bool) -> Used {
        Used(word << 8 | count.min(MOST_OFTEN) << 1 | u32::from(is_noun))
    }

    fn word(self) -> u32 {
        self.0 >> 8
    }

    fn is_noun(self) -> bool {
        self.0 & 1 == 1
    }

    /// 1 + ln of how often.
    fn often(self) -> f64 {
        let count = self.0 >> 1 & MOST_OFTEN;
        f64::from(1.0 + (count as f32).ln())
    }
}

impl Text {
    fn has(&self, word: u32) -> bool {
        self.0
            .binary_search_by_key(&word, |used| used.word())
            .is_ok()
    }
}

impl Vocabulary {
    pub fn add(&mut self, film: u32, found: Vec<Found>) -> Text {
        let mut counts: BTreeMap<u32, (u32, bool)> = BTreeMap::new();
        for Found { word, is_noun } in found {
            let Some(number) = self.number(word) else {
                continue;
            };
            let (count, noun) = counts.entry(number).or_default();
            *count += 1;
            *noun |= is_noun;
        }
        self.texts += usize::from(!counts.is_empty());
        let used = counts.into_iter().map(|(word, (count, is_noun))| {
            self.words[word as usize].add(film, is_noun);
            Used::new(word, count, is_noun)
        });
        Text(used.collect())
    }

    /// Takes a film's text out; `others` are those of the films that stay, by their slots.
    pub fn remove<'a, O>(&mut self, film: u32, text: &Text, others: impl Fn() -> O)
    where
        O: Iterator<Item = (u32, &'a Text)>,
    {
        self.texts -= usize::from(!text.0.is_empty());
        for used in &text.0 {
            let word = used.word();
            let entry = &mut self.words[word as usize];
            entry.remove(film, used.is_noun());
            if entry.count == 0 {
                self.numbers.remove(&entry.word);
                self.free.push(word);
            } else if entry.films.is_none() && entry.leads() {
                let having = others().filter(|(_, text)| text.has(word));
                entry.films = Some(having.map(|(film, _)| film).collect());
            }
        }
    }

    /// `None`: there are too many words.
    fn number(&mut self, word: String) -> Option<u32> {
        if let Some(number) = self.numbers.get(word.as_str()) {
            return Some(*number);
        }
        let word: Arc<str> = word.into();
        let entry = Entry {
            word: word.clone(),
            count: 0,
            films: Some(Vec::new()),
            nouns: 0,
        };
        let number = match self.free.pop() {
            Some(number) => {
                self.words[number as usize] = entry;
                number
            }
            None if self.words.len() < MOST_WORDS => {
                self.words.push(entry);
                u32::try_from(self.words.len() - 1).expect("below the bound")
            }
            None => return None,
        };
        self.numbers.insert(word, number);
        Some(number)
    }

    /// The films of each of its words that few have, rarest first.
    pub fn rarest(&self, text: &Text) -> impl Iterator<Item = &[u32]> {
        let mut rare: Vec<(&Entry, &[u32])> = text
            .0
            .iter()
            .map(|used| &self.words[used.word() as usize])
            .filter(|entry| entry.weight(self.texts) > 0.0 && entry.leads())
            .filter_map(|entry| Some((entry, entry.films.as_deref()?)))
            .collect();
        rare.sort_by(|(a, _), (b, _)| (a.count, &a.word).cmp(&(b.count, &b.word)));
        rare.into_iter().map(|(_, films)| films)
    }

    pub fn weigh(&self, text: &Text) -> Weighed {
        let weight = |used: &Used| {
            let rarity = self.words[used.word() as usize].weight(self.texts);
            (used.word(), used.often() * rarity)
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
        let words = most.map(|(_, number)| word(number).to_string()).collect();
        Some((dot / (a.square * b.square).sqrt(), words))
    }

    /// How many words there are, and how many were ever there at the same time.
    #[cfg(test)]
    pub fn sizes(&self) -> (usize, usize) {
        (self.numbers.len(), self.words.len())
    }
}

impl Entry {
    fn add(&mut self, film: u32, is_noun: bool) {
        self.count += 1;
        self.nouns += u32::from(is_noun);
        if let Some(films) = &mut self.films {
            films.push(film);
        }
        if self.count as usize > MOST_LISTED {
            self.films = None;
        }
    }

    fn remove(&mut self, film: u32, is_noun: bool) {
        self.count -= 1;
        self.nouns -= u32::from(is_noun);
        if let Some(films) = &mut self.films {
            films.retain(|other| *other != film);
        }
    }

    fn leads(&self) -> bool {
        self.count as usize <= MOST_LED_TO
    }

    /// Nothing for what is a noun in no text, or in one text alone.
    fn weight(&self, texts: usize) -> f64 {
        if self.count < 2 || self.nouns == 0 {
            return 0.0;
        }
        (texts as f64 / f64::from(self.count)).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{english, korean};
    use super::*;

    fn texts(vocabulary: &mut Vocabulary, texts: &[&str]) -> Vec<Text> {
        (0..)
            .zip(texts)
            .map(|(film, text)| vocabulary.add(film, english(text)))
            .collect()
    }

    #[test]
    fn rare_common_words_make_texts_alike() {
        let mut vocabulary = Vocabulary::default();
        let told = [
            "a heist on a train",
            "the heist of gold",
            "a train",
            "a cowboy",
        ];
        let texts = texts(&mut vocabulary, &told);
        let weighed: Vec<Weighed> = texts.iter().map(|text| vocabulary.weigh(text)).collect();
        let (cosine, words) = vocabulary.cosine(&weighed[0], &weighed[1], 3).unwrap();
        // "gold" is in one text alone and weighs nothing
        assert!((cosine - 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(words, ["heist"]);
        assert!(vocabulary.cosine(&weighed[0], &weighed[3], 3).is_none());
        let rare: Vec<&[u32]> = vocabulary.rarest(&texts[0]).collect();
        assert_eq!(rare, [[0, 1], [0, 2]]);
    }

    #[test]
    fn a_removed_text_counts_no_more() {
        let mut vocabulary = Vocabulary::default();
        let texts = texts(&mut vocabulary, &["heist", "heist", "cowboy"]);
        assert_eq!(vocabulary.rarest(&texts[0]).count(), 1);
        vocabulary.remove(1, &texts[1], std::iter::empty);
        assert_eq!(vocabulary.rarest(&texts[0]).count(), 0);
    }

    #[test]
    fn words_that_no_text_has_any_more_are_forgotten() {
        let mut vocabulary = Vocabulary::default();
        let kept = vocabulary.add(0, english("the heist"));
        for number in 0..1_000 {
            let word = format!("word{}", "y".repeat(number % 50));
            let text = vocabulary.add(1, english(&format!("heist {word} robbery")));
            vocabulary.remove(1, &text, || std::iter::once((0, &kept)));
        }
        assert_eq!(vocabulary.sizes(), (1, 3));
        let again = vocabulary.add(1, english("robbery"));
        let other = vocabulary.add(2, english("robbery"));
        let (again, other) = (vocabulary.weigh(&again), vocabulary.weigh(&other));
        assert_eq!(vocabulary.cosine(&again, &other, 1).unwrap().1, ["robbery"]);
    }

    #[test]
    fn the_films_of_a_word_are_known_whenever_they_are_few() {
        let mut vocabulary = Vocabulary::default();
        let many = MOST_LISTED + 50;
        let told: Vec<&str> = (0..many + 9)
            .map(|film| if film < many { "the heist" } else { "a cowboy" })
            .collect();
        let texts = texts(&mut vocabulary, &told);
        let films = |vocabulary: &Vocabulary| {
            let mut films: Vec<u32> = vocabulary.rarest(&texts[0]).flatten().copied().collect();
            films.sort_unstable();
            films
        };
        assert!(vocabulary.words[0].films.is_none(), "they are not listed");
        for film in (1..many).rev() {
            let others = || (0..).zip(&texts[..film]);
            vocabulary.remove(film as u32, &texts[film], others);
            let few = (2..=MOST_LED_TO).contains(&film);
            let expected: Vec<u32> = (0..film as u32).filter(|_| few).collect();
            assert_eq!(films(&vocabulary), expected);
        }
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
