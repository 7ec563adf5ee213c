//! /proc -> the processes of all answers, with the boxes around them.

use std::fs;

use anyhow::{Context, Result};

/// The processes that our parent has, besides us, and theirs.
pub(super) fn answers() -> Result<Vec<Process>> {
    let us = Process::read("self").context("read /proc/self")?;
    let entries = fs::read_dir("/proc").context("read /proc")?;
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut others: Vec<Process> = names
        .filter(|name| name.as_encoded_bytes()[0].is_ascii_digit())
        .filter_map(|name| Process::read(&name.to_string_lossy()))
        .filter(|process| process.number != us.number)
        .collect();
    let mut family = vec![us.parent];
    let mut found = Vec::new();
    while let Some(n) = others.iter().position(|p| family.contains(&p.parent)) {
        let process = others.swap_remove(n);
        family.push(process.number);
        found.push(process);
    }
    Ok(found)
}

pub(super) struct Process {
    pub(super) number: u32,
    parent: u32,
    /// Of its pid namespace, below the one that /proc is of.
    pub(super) depth: usize,
}

impl Process {
    fn read(name: &str) -> Option<Process> {
        let status = fs::read_to_string(format!("/proc/{name}/status")).ok()?;
        let line = |key| status.lines().find_map(|l| l.strip_prefix(key));
        let number = |key| line(key)?.trim().parse().ok();
        Some(Process {
            number: number("Pid:")?,
            parent: number("PPid:")?,
            depth: line("NSpid:")?.split_whitespace().count(),
        })
    }
}
