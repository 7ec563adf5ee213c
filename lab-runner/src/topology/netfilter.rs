//! A namespace -> the same one with a netfilter hook at which every IPv4
//! packet is dropped, by nfnetlink. It has no library of ours: two messages in
//! a batch.

use anyhow::{Context, Result};
use lab_kit::names::nearest;
use netlink_packet_core::{DefaultNla, NLA_F_NESTED, NLM_F_ACK, NLM_F_REQUEST};
use netlink_sys::protocols::NETLINK_NETFILTER;

use super::ethtool::emitted;
use super::namespace::Namespace;
use crate::kernel::Talk;

/// In the order of their numbers (include/uapi/linux/netfilter.h).
const HOOKS: [&str; 5] =
    ["prerouting", "input", "forward", "output", "postrouting"];
// include/uapi/linux/netfilter/nfnetlink.h
const BATCH_BEGIN: u16 = 0x10;
const BATCH_END: u16 = 0x11;
const NFTABLES: u16 = 10;
// include/uapi/linux/netfilter/nf_tables.h
const NEW_TABLE: u16 = 0;
const DELETE_TABLE: u16 = 2;
const NEW_CHAIN: u16 = 3;
const TABLE_NAME: u16 = 1;
const CHAIN_TABLE: u16 = 1;
const CHAIN_NAME: u16 = 3;
const CHAIN_HOOK: u16 = 4;
const CHAIN_POLICY: u16 = 5;
const CHAIN_TYPE: u16 = 7;
const HOOK_NUMBER: u16 = 1;
const HOOK_PRIORITY: u16 = 2;
const DROP: u32 = 0;
const OURS: &str = "lab";

/// `nft add table ip lab { chain lab { type filter hook HOOK; policy drop } }`
pub(crate) fn drop_at(of: &Namespace, hook: &str) -> Result<()> {
    let number = HOOKS.iter().position(|name| *name == hook);
    let number = number
        .with_context(|| format!("no hook {hook}; {}", nearest(hook, HOOKS)))?;
    let place = [be32(HOOK_NUMBER, number as u32), be32(HOOK_PRIORITY, 0)];
    let chain = [
        text(CHAIN_TABLE, OURS),
        text(CHAIN_NAME, OURS),
        DefaultNla::new(CHAIN_HOOK | NLA_F_NESTED, emitted(&place)),
        be32(CHAIN_POLICY, DROP),
        text(CHAIN_TYPE, "filter"),
    ];
    let create = libc::NLM_F_CREATE as u16;
    let table = message(NEW_TABLE, create, &[text(TABLE_NAME, OURS)]);
    batch(of, vec![table, message(NEW_CHAIN, create | NLM_F_ACK, &chain)])
        .with_context(|| format!("drop at the hook {hook} (nf_tables)"))
}

/// `nft delete table ip lab`
pub(crate) fn drop_no_more(of: &Namespace) -> Result<()> {
    let table = [text(TABLE_NAME, OURS)];
    batch(of, vec![message(DELETE_TABLE, NLM_F_ACK, &table)])
        .context("delete a table of nf_tables")
}

/// Type, flags, and what follows the netlink header.
type Message = (u16, u16, Vec<u8>);

fn batch(of: &Namespace, inner: Vec<Message>) -> Result<()> {
    // The subsystem stands where other messages have a resource's number.
    let frame = |kind| (kind, 0, vec![0, 0, 0, NFTABLES as u8]);
    let mut all = vec![frame(BATCH_BEGIN)];
    all.extend(inner);
    all.push(frame(BATCH_END));
    Talk::open(of, NETLINK_NETFILTER)?.batch(&all)
}

fn message(kind: u16, flags: u16, attributes: &[DefaultNla]) -> Message {
    let mut body = vec![libc::AF_INET as u8, 0, 0, 0];
    body.extend(emitted(attributes));
    (NFTABLES << 8 | kind, NLM_F_REQUEST | flags, body)
}

fn text(kind: u16, text: &str) -> DefaultNla {
    DefaultNla::new(kind, [text.as_bytes(), b"\0"].concat())
}

fn be32(kind: u16, number: u32) -> DefaultNla {
    DefaultNla::new(kind, number.to_be_bytes().into())
}
