//! Many clients on two real nodes, while these are killed, paused and drained and the database is
//! restarted: what everybody displays in the end is the log. Servers that break a promise are
//! found out.
//!
//! `SEED` runs one again; `SWARM=large` is more of everything.

mod broken;
mod client;
mod crowd;
mod line;
mod rooms;
mod town;
mod truth;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::room::Admission;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use tests::oracle::{Rule, Truth, Wrong};
use tests::seed;

use broken::{Broken, Fault, Inside};
use client::Heads;
use crowd::Crowd;
use line::Way;
use rooms::Room;
use town::{Attack, Town};

/// The size of a run.
struct Size {
    rooms: usize,
    members: usize,
    clients: usize,
    attacks: usize,
    pause: Duration,
    calm: Duration,
}

const SMALL: Size = Size {
    rooms: 2,
    members: 8,
    clients: 16,
    attacks: 4,
    pause: Duration::from_secs(9),
    calm: Duration::from_secs(2),
};
const LARGE: Size = Size {
    rooms: 8,
    members: 120,
    clients: 400,
    attacks: 30,
    pause: Duration::from_secs(30),
    calm: Duration::from_secs(5),
};
/// Of so many clients one can't have a WebSocket, first one who keeps no order.
const ONE_WITHOUT_SOCKET: usize = 9;
const FIRST_WITHOUT_SOCKET: usize = 2;
/// Of each server that breaks a promise.
const MEMBERS: usize = 3;
const CLIENTS: usize = 6;
const STORMS: usize = 3;
const BETWEEN_STORMS: Duration = Duration::from_secs(4);
/// How long it may take until all is as it must be.
const PATIENCE: Duration = Duration::from_secs(60);
/// Who is present by the log is who is there, so long after it could be known.
const PRESENT_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_everybody_displays_in_the_end_is_the_log() {
    let size = match std::env::var("SWARM").as_deref() {
        Ok("large") => LARGE,
        _ => SMALL,
    };
    let mut random = StdRng::seed_from_u64(seed());
    let mut town = Town::begin().await;
    let members = town.members(size.members).await;
    let rooms = town.rooms(&members, size.rooms).await;
    let mut crowd = Crowd::new(&town.urls, &town.described().await);
    for number in 0..size.clients {
        let member = &members[number % members.len()];
        let room = &rooms[number % rooms.len()];
        let way = match number % ONE_WITHOUT_SOCKET {
            FIRST_WITHOUT_SOCKET => Way::Posts,
            _ => Way::Socket,
        };
        crowd.join(&town.urls, member, (room, way), &mut random);
    }
    for attack in attacks(&mut random, size.attacks) {
        tokio::time::sleep(size.calm).await;
        println!("{attack:?}");
        let node = random.random_range(0..2);
        town.attack(attack, node, size.pause, &crowd).await;
    }
    tokio::time::sleep(size.calm).await;
    crowd.calm_down(PATIENCE).await;
    for room in &rooms {
        room.forgive(&town.urls).await;
    }
    crowd.until_back(0, PATIENCE).await;
    let mut there = crowd.there.clone();
    town.until_present(&there, tests::now()).await;
    send_some_away(&rooms, (&town, &crowd), &mut there, &mut random).await;
    let truths = town.truths(&there).await;
    let mut clients = crowd.stop(heads(&truths)).await;
    check_half_open(&mut clients).await;
    for (room, there) in &there {
        let wrong = Town::wrong(&truths[room], (room, there), &clients);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    drop(clients);
    for there in there.values_mut() {
        there.clear();
    }
    town.until_present(&there, tests::now()).await;
    town.end().await;
}

/// One of each room, who stays away, on whichever node and by whichever way they are there.
async fn send_some_away(
    rooms: &[Room],
    (town, crowd): (&Town, &Crowd),
    there: &mut BTreeMap<String, BTreeSet<String>>,
    random: &mut StdRng,
) {
    let mut away = 0;
    for room in rooms {
        let member = room.duty.over.choose(random).unwrap();
        room.ban_for_good(&town.urls, member).await;
        there.get_mut(&room.id).unwrap().remove(member);
        away += crowd.clients_of(&room.id, member);
    }
    crowd.until_back(away, PATIENCE).await;
    town.until_present(there, tests::now()).await;
}

fn heads(truths: &BTreeMap<String, Truth>) -> Heads {
    let heads = truths.iter();
    heads
        .map(|(room, truth)| (room.clone(), truth.head()))
        .collect()
}

/// Nobody is kept who does not answer.
async fn check_half_open(clients: &mut [client::Client]) {
    let mut noticed = 0;
    for client in clients {
        if let Some(is_over) = client.half_open_is_over().await {
            assert!(is_over, "a line that is half open is kept");
            noticed += 1;
        }
    }
    println!("{noticed} half-open lines ended");
}

/// Each kind at least once, in any order.
fn attacks(random: &mut StdRng, count: usize) -> Vec<Attack> {
    let mut attacks = Attack::ALL.to_vec();
    while attacks.len() < count {
        attacks.extend(Attack::ALL.choose(random));
    }
    attacks.shuffle(random);
    attacks
}

/// A net that was never seen to catch is none. Each server has a room of its own, and the first
/// one breaks nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_break_a_promise_are_found_out() {
    let mut random = StdRng::seed_from_u64(seed());
    let town = Town::begin().await;
    let mut crowd = Crowd::new(&town.urls, &town.described().await);
    let sequencer = town.sequencer().await;
    let mut servers = Vec::new();
    for fault in Fault::ALL {
        let members = town.members(MEMBERS).await;
        let own: Vec<_> = members.iter().collect();
        let room = (Admission::Public, fault.acts());
        let room = Room::open(&sequencer, &own, room).await;
        let inside = Inside {
            nodes: town.urls.clone(),
            members: members.clone(),
            sequencer: sequencer.clone(),
        };
        let server = Broken::start(fault, inside, random.random()).await;
        for number in 0..CLIENTS {
            let member = &members[number % members.len()];
            crowd.join(&server.urls, member, (&room, Way::Socket), &mut random);
        }
        servers.push((fault, room, server));
    }
    for _ in 0..STORMS {
        tokio::time::sleep(BETWEEN_STORMS).await;
        crowd.storm();
    }
    tokio::time::sleep(BETWEEN_STORMS).await;
    crowd.calm_down(PATIENCE).await;
    for (_, room, _) in &servers {
        room.forgive(&town.urls).await;
    }
    // also who does not know that they were sent away
    crowd.storm();
    crowd.until_back(0, PATIENCE).await;
    let there = crowd.there.clone();
    town.until_present(&there, tests::now()).await;
    // after which nobody asks for anything
    for (_, room, _) in &servers {
        room.say_something(&town.urls).await;
    }
    let truths = town.truths(&there).await;
    let clients = crowd.stop(heads(&truths)).await;
    for (fault, room, _server) in &servers {
        let room = room.id.as_str();
        let wrong = Town::wrong(&truths[room], (room, &there[room]), &clients);
        println!("{fault:?}: {} wrong", wrong.len());
        assert!(is_found(*fault, &wrong), "{fault:?}: {wrong:#?}");
    }
    drop((clients, servers, sequencer));
    town.end().await;
}

/// Whether a fault shows in what it does wrong.
fn is_found(fault: Fault, wrong: &[Wrong]) -> bool {
    let any = |is: fn(&Wrong) -> bool| wrong.iter().any(is);
    match fault {
        Fault::None => wrong.is_empty(),
        Fault::DropsFromItsRing => any(|wrong| matches!(wrong, Wrong::Holes { .. })),
        Fault::HoldsBack => any(|wrong| matches!(wrong, Wrong::Behind { .. })),
        Fault::Renumbers => {
            any(|wrong| matches!(wrong, Wrong::Said { .. } | Wrong::Missing { .. }))
        }
        Fault::AcknowledgesFirst => any(|wrong| matches!(wrong, Wrong::Lost { .. })),
        Fault::CountsConnections => any(|wrong| matches!(wrong, Wrong::Count { .. })),
        Fault::LooksAtNoCid => any(|wrong| matches!(wrong, Wrong::Repeated { .. })),
        Fault::MixesUpAuthors => any(|wrong| matches!(wrong, Wrong::Another { .. })),
        Fault::LeavesOutOfSnapshots => any(|wrong| matches!(wrong, Wrong::Snapshot { .. })),
        Fault::LeavesOutOfHistory => any(|wrong| matches!(wrong, Wrong::History { .. })),
        Fault::EndsNoLines => any(|wrong| matches!(wrong, Wrong::ShownAway { .. })),
        Fault::ChecksNoMutes => any(|wrong| {
            matches!(
                wrong,
                Wrong::Unruly {
                    rule: Rule::Muted,
                    ..
                }
            )
        }),
    }
}
