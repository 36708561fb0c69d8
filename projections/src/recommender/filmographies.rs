//! Who made which films. Whoever made none any more is forgotten, and their number given to
//! somebody else.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use domain::film::Person;

#[derive(Debug, Default)]
pub struct Filmographies {
    /// By what people are called in English.
    numbers: HashMap<String, u32>,
    people: Vec<(Arc<Person>, Vec<u32>)>,
    /// Numbers of people who made no film any more.
    free: Vec<u32>,
}

impl Filmographies {
    /// The number of a person, who is to be credited with a film at once.
    pub fn number(&mut self, person: &Person) -> u32 {
        if let Some(number) = self.numbers.get(&person.en) {
            return *number;
        }
        let entry = (Arc::new(person.clone()), Vec::new());
        let number = match self.free.pop() {
            Some(number) => {
                self.people[number as usize] = entry;
                number
            }
            None => {
                self.people.push(entry);
                u32::try_from(self.people.len() - 1).expect("fewer than four billion people")
            }
        };
        self.numbers.insert(person.en.clone(), number);
        number
    }

    pub fn credit(&mut self, person: u32, film: u32) {
        self.people[person as usize].1.push(film);
    }

    pub fn remove(&mut self, person: u32, film: u32) {
        let (named, films) = &mut self.people[person as usize];
        films.retain(|other| *other != film);
        if films.is_empty() {
            self.numbers.remove(&named.en);
            self.free.push(person);
        }
    }

    pub fn person(&self, number: u32) -> Arc<Person> {
        self.people[number as usize].0.clone()
    }

    /// The order of two people in whatever is limited: who made fewer films says more.
    pub fn order(&self, a: u32, b: u32) -> Ordering {
        let place = |number: u32| {
            let (person, films) = &self.people[number as usize];
            (films.len(), &person.en)
        };
        place(a).cmp(&place(b))
    }

    /// By their slots, in no order.
    pub fn films(&self, person: u32) -> &[u32] {
        &self.people[person as usize].1
    }

    /// How many people there are, and how many were ever there at the same time.
    #[cfg(test)]
    pub fn sizes(&self) -> (usize, usize) {
        (self.numbers.len(), self.people.len())
    }
}
