//! What `status` says to people.

use indicatif::{HumanBytes, HumanCount};

use super::{Building, KeptTable, Lease, Model, Status, Verification};
use crate::out::Out;
use crate::times;

pub(super) fn tell(status: &Status, out: &mut Out) -> anyhow::Result<()> {
    tell_log(status, out)?;
    tell_read_models(status, out)?;
    tell_work(status, out)?;
    tell_leases(status, out)
}

fn tell_log(status: &Status, out: &mut Out) -> anyhow::Result<()> {
    let log = &status.log;
    let head = out.strong(format!("position {}", count(log.head)));
    match &log.recorded_at {
        Some(time) => {
            let time = times::parse(time).map(times::shown).unwrap_or_default();
            out.line(format!("Log            {head}, recorded {time}"))?;
        }
        None => out.line(format!("Log            {}", out.strong("empty")))?,
    }
    match &log.signed {
        Some(signed) => {
            let (position, at) = (count(signed.position), times::parse(&signed.at));
            let at = at.map(times::shown).unwrap_or_default();
            out.line(format!("  signed       up to position {position}, {at}"))?;
        }
        None => {
            let nobody = out.bad("by nobody");
            out.line(format!(
                "  signed       {nobody}: it could be cut off or written anew unseen"
            ))?;
        }
    }
    out.line(format!(
        "  on disk      events {}, commands {}, the whole database {}",
        bytes(log.events_bytes),
        bytes(log.commands_bytes),
        bytes(status.database_bytes)
    ))?;
    for (index, day) in log.days.iter().enumerate() {
        let lead = if index == 0 { "by day (UTC)" } else { "" };
        out.line(format!("  {lead:12} {} {:>14}", day.day, count(day.events)))?;
    }
    Ok(())
}

fn tell_read_models(status: &Status, out: &mut Out) -> anyhow::Result<()> {
    let Some(read) = &status.read_models else {
        out.line(format!("Read models    {}", out.bad("none")))?;
        return Ok(());
    };
    let lag = match read.behind {
        0 => out.good("up to date"),
        behind => out.bad(format!("{} events behind", count(behind))),
    };
    let position = out.strong(format!("position {}", count(read.position)));
    out.line(format!("Read models    {position}, {lag}"))?;
    for model in &read.models {
        tell_model(model, read.position, out)?;
    }
    Ok(())
}

fn tell_model(model: &Model, live: i64, out: &mut Out) -> anyhow::Result<()> {
    let rows = match model.estimated {
        true => format!("≈{}", count(model.rows)),
        false => count(model.rows),
    };
    let size = bytes(model.bytes);
    let version = model
        .version
        .map_or("v–".to_owned(), |version| format!("v{version}"));
    let line = format!(
        "  {:20} {version:>4} {rows:>14} rows {size:>12}",
        model.model
    );
    let code = model.code_version;
    let state = match model.state {
        "live" if model.version.is_some_and(|version| version != code) => {
            let outdated = out.bad(format!("v{code} is to be rebuilt"));
            return Ok(out.line(format!("{line}  {outdated}"))?);
        }
        "live" => return Ok(out.line(line)?),
        state => out.bad(state),
    };
    let lacking = count(live - model.position);
    let position = count(model.position);
    out.line(format!(
        "{line}  {state} at position {position}, {lacking} events below"
    ))?;
    if let (Some(position), Some(error)) = (model.failed_at, &model.error) {
        out.line(format!("      event {}: {error}", count(position)))?;
    }
    Ok(())
}

fn tell_work(status: &Status, out: &mut Out) -> anyhow::Result<()> {
    for Building {
        model, position, ..
    } in &status.builds
    {
        let position = count(*position);
        out.line(format!(
            "Rebuild        {model} is at position {position} (on its way, or broken off)"
        ))?;
    }
    for KeptTable {
        model, position, ..
    } in &status.kept
    {
        let position = count(*position);
        out.line(format!(
            "Kept           {model} as it was at position {position}, until `retire`"
        ))?;
    }
    for Verification {
        what,
        position,
        sound,
        at,
    } in &status.verifications
    {
        let verdict = match sound {
            true => out.good("right"),
            false => out.bad("wrong"),
        };
        let (position, at) = (count(*position), times::parse(at).map(times::shown));
        let at = at.unwrap_or_default();
        out.line(format!(
            "Verified       {what}: {verdict} at position {position}, {at}"
        ))?;
    }
    if status.verifications.is_empty() {
        out.line("Verified       never")?;
    }
    Ok(())
}

fn tell_leases(status: &Status, out: &mut Out) -> anyhow::Result<()> {
    if status.leases.is_empty() {
        out.line("Leases         none")?;
    }
    for (index, lease) in status.leases.iter().enumerate() {
        let state = match lease.expires_in_seconds {
            Some(left) if left > 0.0 && lease.connected => {
                out.good(format!("held, for another {left:.1} s unless renewed"))
            }
            // whoever has something to do takes it: free is no fault
            Some(left) if left > 0.0 => "free: its holder is gone".to_owned(),
            Some(left) => format!("free: it ran out {:.0} s ago", -left),
            None => "free: it was revoked".to_owned(),
        };
        let lead = if index == 0 { "Leases" } else { "" };
        let Lease { name, holder, .. } = lease;
        out.line(format!("{lead:14} {name}: {state}; holder {holder}"))?;
    }
    Ok(())
}

fn count(number: i64) -> String {
    match u64::try_from(number) {
        Ok(number) => HumanCount(number).to_string(),
        Err(_) => number.to_string(),
    }
}

fn bytes(number: i64) -> String {
    HumanBytes(u64::try_from(number).unwrap_or_default()).to_string()
}
