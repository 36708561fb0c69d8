//! `events --tree`: each event under the one that it follows from, all of one
//! request together.

use std::collections::{HashMap, HashSet};

use event_log::{Recorded, read_correlations};
use uuid::Uuid;

use crate::events::Matching;
use crate::lines;
use crate::out::Out;

/// Events in memory at once; a request with more is shown in part, and says so.
const MAX_EVENTS: i64 = 10_000;

/// Shows the requests of all matches, in the order of their first match.
pub async fn show(matching: &mut Matching<'_>, through: i64, out: &mut Out) -> anyhow::Result<()> {
    let mut known = HashSet::new();
    loop {
        let matches = matching.page(through).await?;
        if matches.is_empty() {
            return Ok(());
        }
        let new = |event: &Recorded| known.insert(event.correlation).then_some(event.correlation);
        let correlations: Vec<Uuid> = matches.iter().filter_map(new).collect();
        let events = read_correlations(matching.pool, &correlations, MAX_EVENTS).await?;
        let whole = i64::try_from(events.len())? < MAX_EVENTS;
        let mut requests: HashMap<Uuid, Vec<Recorded>> = HashMap::new();
        for event in events {
            requests.entry(event.correlation).or_default().push(event);
        }
        for correlation in correlations {
            let events = requests.remove(&correlation).unwrap_or_default();
            show_request(correlation, &events, out)?;
        }
        if !whole {
            out.line(format!(
                "… these requests have more than {MAX_EVENTS} events"
            ))?;
        }
    }
}

fn show_request(correlation: Uuid, events: &[Recorded], out: &mut Out) -> anyhow::Result<()> {
    out.line(out.strong(format!("request {correlation}")))?;
    let here: HashSet<Uuid> = events.iter().map(|event| event.id).collect();
    let mut followers: HashMap<Option<Uuid>, Vec<&Recorded>> = HashMap::new();
    for event in events {
        let cause = event.causation.filter(|cause| here.contains(cause));
        followers.entry(cause).or_default().push(event);
    }
    let roots = followers.remove(&None).unwrap_or_default();
    show_followers(roots, &mut followers, "", out)?;
    // a forged log may hold events that cause each other
    for event in followers.into_values().flatten() {
        out.line(format!("   {}", lines::event(out, event)))?;
    }
    Ok(())
}

/// Each cause is taken out of the map as it is shown.
fn show_followers(
    events: Vec<&Recorded>,
    followers: &mut HashMap<Option<Uuid>, Vec<&Recorded>>,
    indent: &str,
    out: &mut Out,
) -> anyhow::Result<()> {
    let last = events.len().saturating_sub(1);
    for (index, event) in events.into_iter().enumerate() {
        let (branch, below) = match index == last {
            true => ("└─ ", "   "),
            false => ("├─ ", "│  "),
        };
        let lead = out.dim(format!("{indent}{branch}"));
        out.line(format!("{lead}{}", lines::event(out, event)))?;
        let next = followers.remove(&Some(event.id)).unwrap_or_default();
        show_followers(next, followers, &format!("{indent}{below}"), out)?;
    }
    Ok(())
}
