//! How one gets from the films that a member likes to another film: through people,
//! through members who like both, through genres.
//!
//! A graph (petgraph) of all films with their people and genres and of all likes.
//! Memory: 24 bytes for a like, a credit or a genre of a film, 40 for a film, person
//! or member.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use domain::film::Person;
use petgraph::algo::astar;
use petgraph::graph::{NodeIndex, UnGraph};
use uuid::Uuid;

use super::Likes;
use super::kin::Outline;

// How long a step is: people say most, a genre next to nothing.
const PERSON: f64 = 1.0;
const MEMBER: f64 = 1.5;
const GENRE: f64 = 3.0;
/// Somebody who likes many films connects any two: each doubling makes a step longer.
const MANY_LIKES: f64 = 0.1;
/// Nodes that are visited for one path; at the bound there is none.
const MOST_VISITS: usize = 50_000;

/// A stop on the way. Members are never named.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    Film(Uuid),
    Person(Arc<Person>),
    /// Somebody who likes the film before and the film behind.
    Member,
    Genre(String),
}

#[derive(Debug, Default)]
pub struct Paths {
    graph: UnGraph<Stop, f64>,
    films: HashMap<Uuid, NodeIndex>,
}

impl Paths {
    /// The same likes and films make the same graph, in whatever order films come.
    pub fn fit(likes: &Likes, mut outlines: Vec<Outline>) -> Paths {
        outlines.sort_unstable_by_key(|outline| outline.film);
        // one that was put anew while they were gathered
        outlines.dedup_by_key(|outline| outline.film);
        let mut paths = Paths::default();
        let mut people: HashMap<String, NodeIndex> = HashMap::new();
        let mut genres: BTreeMap<String, NodeIndex> = BTreeMap::new();
        for outline in outlines {
            let film = paths.graph.add_node(Stop::Film(outline.film));
            paths.films.insert(outline.film, film);
            let mut of_film = outline.people;
            of_film.sort_unstable_by(|a, b| a.en.cmp(&b.en));
            for person in of_film {
                let node = people.entry(person.en.clone());
                let node = *node.or_insert_with(|| paths.graph.add_node(Stop::Person(person)));
                paths.graph.add_edge(film, node, PERSON);
            }
            for genre in outline.genres {
                let node = genres.entry(genre.clone());
                let node = *node.or_insert_with(|| paths.graph.add_node(Stop::Genre(genre)));
                paths.graph.add_edge(film, node, GENRE);
            }
        }
        for history in likes.histories() {
            let films: Vec<usize> = history.collect();
            let step = MEMBER + MANY_LIKES * (films.len() as f64).log2();
            let member = paths.graph.add_node(Stop::Member);
            for film in films {
                if let Some(film) = paths.films.get(&likes.films()[film]) {
                    paths.graph.add_edge(member, *film, step);
                }
            }
        }
        paths
    }

    /// The shortest way from any of the liked films to this one, both ends included;
    /// none to a film that is liked itself.
    pub fn path(&self, liked: &[Uuid], film: Uuid) -> Option<Vec<Stop>> {
        let target = *self.films.get(&film)?;
        let liked = liked.iter().filter_map(|film| self.films.get(film));
        let liked: HashSet<NodeIndex> = liked.copied().collect();
        if liked.is_empty() || liked.contains(&target) {
            return None;
        }
        let mut visits = 0;
        let is_end = |node| {
            visits += 1;
            visits > MOST_VISITS || liked.contains(&node)
        };
        let (_, mut way) = astar(&self.graph, target, is_end, |edge| *edge.weight(), |_| 0.0)?;
        way.reverse();
        let is_whole = way.first().is_some_and(|first| liked.contains(first));
        is_whole.then(|| {
            way.into_iter()
                .map(|node| self.graph[node].clone())
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::given::{id, likes};
    use super::*;

    fn person(name: &str) -> Arc<Person> {
        Arc::new(Person {
            en: name.to_owned(),
            ko: None,
        })
    }

    fn outline(film: usize, people: &[&str], genres: &[&str]) -> Outline {
        Outline {
            film: id(film),
            people: people.iter().map(|name| person(name)).collect(),
            genres: genres.iter().map(|genre| (*genre).to_owned()).collect(),
        }
    }

    fn paths() -> Paths {
        let outlines = vec![
            outline(0, &["Park", "Choi"], &["crime"]),
            outline(1, &["Park"], &["crime"]),
            outline(2, &["Kim"], &["crime"]),
            outline(3, &["Lee"], &["drama"]),
            outline(4, &[], &["crime"]),
            outline(5, &[], &[]),
        ];
        Paths::fit(&likes(&[&[0, 3]]), outlines)
    }

    #[test]
    fn the_way_goes_through_people_then_members_then_genres() {
        let paths = paths();
        let film = |film| Stop::Film(id(film));
        let way = |to| paths.path(&[id(0), id(2)], id(to)).unwrap();
        assert_eq!(way(1), [film(0), Stop::Person(person("Park")), film(1)]);
        assert_eq!(way(3), [film(0), Stop::Member, film(3)]);
        assert_eq!(way(4)[1..], [Stop::Genre("crime".to_owned()), film(4)]);
    }

    #[test]
    fn there_is_no_way_to_what_is_liked_or_stands_alone() {
        let paths = paths();
        assert_eq!(paths.path(&[id(0)], id(0)), None);
        assert_eq!(paths.path(&[id(0)], id(5)), None);
        assert_eq!(paths.path(&[id(0)], id(77)), None);
        assert_eq!(paths.path(&[id(77)], id(0)), None);
    }
}
