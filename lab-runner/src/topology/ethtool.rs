//! A device -> the same device without offloads, by ethtool's generic
//! netlink. With them a capture shows segments of 64 KB and sums that nobody
//! computed.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use netlink_packet_core::{
    DefaultNla, Emitable, NLA_F_NESTED, NLA_HEADER_SIZE, NetlinkDeserializable,
    NetlinkHeader, NetlinkSerializable, NlasIterator,
};
use netlink_sys::protocols::NETLINK_GENERIC;

use super::namespace::Namespace;
use crate::kernel::Talk;

// include/uapi/linux/genetlink.h
const GENL_ID_CTRL: u16 = 16;
const CTRL_CMD_GETFAMILY: u8 = 3;
const CTRL_ATTR_FAMILY_ID: u16 = 1;
const CTRL_ATTR_FAMILY_NAME: u16 = 2;
// include/uapi/linux/ethtool_netlink.h
const FEATURES_GET: u8 = 11;
const FEATURES_SET: u8 = 12;
const FEATURES_HEADER: u16 = 1;
const FEATURES_HW: u16 = 2;
const FEATURES_WANTED: u16 = 3;
const FEATURES_ACTIVE: u16 = 4;
const HEADER_DEV_NAME: u16 = 2;
const HEADER_FLAGS: u16 = 3;
const OMIT_REPLY: u32 = 2;
const BITSET_NOMASK: u16 = 1;
const BITSET_BITS: u16 = 3;
const BITS_BIT: u16 = 1;
const BIT_NAME: u16 = 2;
const BIT_VALUE: u16 = 3;

/// ethtool in one namespace.
pub(super) struct Ethtool {
    talk: Talk,
    family: u16,
}

impl Ethtool {
    pub(super) fn open(of: &Namespace) -> Result<Self> {
        let mut talk = Talk::open(of, NETLINK_GENERIC)?;
        let question = Generic {
            family: GENL_ID_CTRL,
            command: CTRL_CMD_GETFAMILY,
            attributes: vec![text(CTRL_ATTR_FAMILY_NAME, "ethtool")],
        };
        let answers: Vec<Attributes> = talk.ask(question, 0).context(
            "find ethtool's generic netlink (needs CONFIG_ETHTOOL_NETLINK)",
        )?;
        let id = answers.first().and_then(|a| a.find(CTRL_ATTR_FAMILY_ID));
        let id = id.and_then(|bytes| bytes.try_into().ok());
        let family = id.context("the kernel named no family for ethtool")?;
        Ok(Ethtool { talk, family: u16::from_ne_bytes(family) })
    }

    /// Switches off what hides or changes packets, and returns what of it
    /// this device can't switch off.
    pub(super) fn offloads_off(
        &mut self,
        device: &str,
    ) -> Result<BTreeSet<String>> {
        let before = self.features(device)?;
        let off: Vec<_> = before.offloads.intersection(&before.own).collect();
        if !off.is_empty() {
            // A bit that is listed without a value is a bit to clear.
            let bits =
                off.iter().map(|name| nest(BITS_BIT, &[text(BIT_NAME, name)]));
            let bits = nest(BITSET_BITS, &bits.collect::<Vec<_>>());
            let wanted = nest(FEATURES_WANTED, &[bits]);
            self.ask(FEATURES_SET, device, vec![wanted]).with_context(
                || format!("switch the offloads of {device} off"),
            )?;
        }
        let after = self.features(device)?;
        let on: Vec<_> = after.offloads.intersection(&after.own).collect();
        ensure!(
            on.is_empty(),
            "{device} keeps offloads that it says it can switch off: {on:?}"
        );
        Ok(after.offloads)
    }

    /// The offloads that are on.
    #[cfg(test)]
    pub(super) fn offloads(
        &mut self,
        device: &str,
    ) -> Result<BTreeSet<String>> {
        Ok(self.features(device)?.offloads)
    }

    fn features(&mut self, device: &str) -> Result<Features> {
        let answers = self
            .ask(FEATURES_GET, device, Vec::new())
            .with_context(|| format!("read the offloads of {device}"))?;
        let answer = answers.first().context("ethtool said nothing")?;
        let active = answer.find(FEATURES_ACTIVE);
        let active = active.context("ethtool named no active features")?;
        let mut offloads = names(Some(active));
        offloads.retain(|name| is_offload(name));
        Ok(Features { offloads, own: names(answer.find(FEATURES_HW)) })
    }

    fn ask(
        &mut self,
        command: u8,
        device: &str,
        mut attributes: Vec<DefaultNla>,
    ) -> Result<Vec<Attributes>> {
        let mut header = vec![text(HEADER_DEV_NAME, device)];
        if command == FEATURES_SET {
            let flags = OMIT_REPLY.to_ne_bytes().to_vec();
            header.push(DefaultNla::new(HEADER_FLAGS, flags));
        }
        attributes.insert(0, nest(FEATURES_HEADER, &header));
        let family = self.family;
        self.talk.ask(Generic { family, command, attributes }, 0)
    }
}

struct Features {
    /// Offloads that are on.
    offloads: BTreeSet<String>,
    /// Features that this device can switch.
    own: BTreeSet<String>,
}

/// By pattern, since every few kernels there's a new one.
fn is_offload(feature: &str) -> bool {
    feature.ends_with("-segmentation")
        || ["tx-checksum", "tx-gso", "rx-gro", "rx-udp-gro"]
            .iter()
            .any(|start| feature.starts_with(start))
}

/// The names of the bits that are set: all that are listed, or, in a bitset
/// with a mask, those with a value.
fn names(bitset: Option<&[u8]>) -> BTreeSet<String> {
    let bits = bitset.and_then(|b| find(b, BITSET_BITS)).unwrap_or_default();
    let masked = bitset.is_some_and(|b| find(b, BITSET_NOMASK).is_none());
    NlasIterator::new(bits)
        .flatten()
        .filter(|bit| !masked || find(bit.value(), BIT_VALUE).is_some())
        .filter_map(|bit| find(bit.value(), BIT_NAME).map(<[u8]>::to_vec))
        .map(|name| String::from_utf8_lossy(&name).replace('\0', ""))
        .collect()
}

fn find(attributes: &[u8], kind: u16) -> Option<&[u8]> {
    NlasIterator::new(attributes).flatten().find(|a| a.kind() == kind).map(
        |a| {
            let length = a.length() as usize;
            &a.into_inner()[NLA_HEADER_SIZE..length]
        },
    )
}

fn text(kind: u16, text: &str) -> DefaultNla {
    DefaultNla::new(kind, [text.as_bytes(), b"\0"].concat())
}

fn nest(kind: u16, inner: &[DefaultNla]) -> DefaultNla {
    DefaultNla::new(kind | NLA_F_NESTED, emitted(inner))
}

pub(super) fn emitted(attributes: &[DefaultNla]) -> Vec<u8> {
    let mut bytes = vec![0; attributes.buffer_len()];
    attributes.emit(&mut bytes);
    bytes
}

/// A generic netlink request.
struct Generic {
    family: u16,
    command: u8,
    attributes: Vec<DefaultNla>,
}

impl NetlinkSerializable for Generic {
    fn message_type(&self) -> u16 {
        self.family
    }

    fn buffer_len(&self) -> usize {
        4 + self.attributes.as_slice().buffer_len()
    }

    fn serialize(&self, buffer: &mut [u8]) {
        buffer[..4].copy_from_slice(&[self.command, 1, 0, 0]);
        self.attributes.as_slice().emit(&mut buffer[4..]);
    }
}

/// The attributes of a generic netlink answer.
struct Attributes(Vec<u8>);

impl Attributes {
    fn find(&self, kind: u16) -> Option<&[u8]> {
        find(&self.0, kind)
    }
}

impl NetlinkDeserializable for Attributes {
    type Error = std::io::Error;

    fn deserialize(
        _: &NetlinkHeader,
        payload: &[u8],
    ) -> Result<Self, Self::Error> {
        match payload.get(4..) {
            Some(rest) => Ok(Attributes(rest.to_vec())),
            None => Err(std::io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
