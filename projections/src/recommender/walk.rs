//! A walk from the films of a history to their fans and on to what those like.
//!
//! RP3β (Paudel and others, 2017): three steps of a random walk on the graph of
//! members and films, each step's probability to the power α, the result divided
//! by the film's popularity to the power β, so that not all roads lead to the
//! best known film; nor, with some fans added to everybody's, to one that nobody knows.

use petgraph::graph::{NodeIndex, UnGraph};

use super::{Likes, Model, Weighted};

/// Whom or what a node stands for, by number in `Likes`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node {
    Film(usize),
    Member(usize),
}

/// The graph of members and films. Holds 16 bytes for a like and 40 for a film or member.
pub struct Walk {
    graph: UnGraph<Node, ()>,
    /// The films are the first nodes, in the order of their numbers.
    films: usize,
    /// What walks out of a node through one of its edges: 1 / degree^α.
    share: Vec<f64>,
    /// What divides a film's score: (degree + prior)^β.
    fame: Vec<f64>,
}

impl Walk {
    pub fn fit(likes: &Likes, alpha: f64, beta: f64, prior: f64) -> Walk {
        let films = likes.films().len();
        let mut graph = UnGraph::with_capacity(films + likes.members().len(), 0);
        for film in 0..films {
            graph.add_node(Node::Film(film));
        }
        for (member, history) in likes.histories().enumerate() {
            let node = graph.add_node(Node::Member(member));
            for film in history {
                graph.add_edge(node, NodeIndex::new(film), ());
            }
        }
        let degree = |node| graph.neighbors(node).count() as f64;
        let share = graph
            .node_indices()
            .map(|node| degree(node).powf(-alpha))
            .collect();
        let fame = (0..films)
            .map(|film| (degree(NodeIndex::new(film)) + prior).powf(beta))
            .collect();
        Walk {
            graph,
            films,
            share,
            fame,
        }
    }

    /// Moves what stands on `nodes` over their edges.
    fn step(&self, standing: &[f64], nodes: impl Iterator<Item = usize>) -> Vec<f64> {
        let mut arrived = vec![0.0; standing.len()];
        for node in nodes.filter(|node| standing[*node] != 0.0) {
            let share = standing[node] * self.share[node];
            for neighbour in self.graph.neighbors(NodeIndex::new(node)) {
                arrived[neighbour.index()] += share;
            }
        }
        arrived
    }
}

impl Model for Walk {
    /// Costs at most two visits of each like, however long the history is.
    fn scores(&self, history: &[Weighted]) -> Vec<f64> {
        let nodes = self.graph.node_count();
        let mut standing = vec![0.0; nodes];
        for liked in history {
            standing[liked.film] += liked.weight;
        }
        let fans = self.step(&standing, 0..self.films);
        let mut scores = self.step(&fans, self.films..nodes);
        scores.truncate(self.films);
        for (score, fame) in scores.iter_mut().zip(&self.fame) {
            *score /= fame;
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::super::evenly;
    use super::super::given::likes;
    use super::*;

    /// Film 0 has the fans 0, 1; film 1 the fans 0, 1, 2; film 2 the fan 2.
    const HISTORIES: &[&[usize]] = &[&[0, 1], &[0, 1], &[1, 2]];

    #[test]
    fn three_steps_are_a_random_walk() {
        let walk = Walk::fit(&likes(HISTORIES), 1.0, 0.0, 0.0);
        // From film 0 half goes to each of its fans, and half of that to each of their films.
        assert_eq!(walk.scores(&evenly(&[0])), [0.5, 0.5, 0.0]);
        let from_one = walk.scores(&evenly(&[1]));
        for (score, expected) in from_one.iter().zip([2.0 / 6.0, 3.0 / 6.0, 1.0 / 6.0]) {
            assert!((score - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn fame_is_divided_out() {
        let walk = Walk::fit(&likes(HISTORIES), 1.0, 1.0, 0.0);
        let scores = walk.scores(&evenly(&[0]));
        assert!((scores[0] - 0.25).abs() < 1e-12);
        assert!((scores[1] - 0.5 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn films_that_hardly_anybody_knows_are_not_made_great_by_it() {
        let walk = Walk::fit(&likes(HISTORIES), 1.0, 1.0, 9.0);
        let scores = walk.scores(&evenly(&[0]));
        assert!((scores[0] - 0.5 / 11.0).abs() < 1e-12);
        assert!((scores[1] - 0.5 / 12.0).abs() < 1e-12);
    }

    #[test]
    fn alpha_flattens_the_steps() {
        let walk = Walk::fit(&likes(HISTORIES), 0.5, 0.0, 0.0);
        let step = 0.5_f64.sqrt();
        let scores = walk.scores(&evenly(&[0]));
        assert!((scores[0] - 2.0 * step * step).abs() < 1e-12);
    }
}
