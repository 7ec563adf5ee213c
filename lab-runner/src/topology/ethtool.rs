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
use crate::kernel::{Request, Talk};

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
    /// `family` is what ethtool's messages are called: asked once, since it is
    /// the same in all namespaces.
    pub(super) fn open(
        of: &Namespace,
        family: &mut Option<u16>,
    ) -> Result<Self> {
        let mut talk = Talk::open(of, NETLINK_GENERIC)?;
        let family = match *family {
            Some(family) => family,
            None => *family.insert(family_of(&mut talk)?),
        };
        Ok(Ethtool { talk, family })
    }

    /// Switches off what hides or changes packets, and returns what of it
    /// each device keeps since it can't switch it off. `known` is what devices
    /// of this kind can, once one of them was asked.
    pub(super) fn offloads_off(
        &mut self,
        devices: &[&str],
        known: &mut Option<BTreeSet<String>>,
    ) -> Result<Vec<BTreeSet<String>>> {
        let [first, ..] = devices else { return Ok(Vec::new()) };
        let own = match known {
            Some(own) => own,
            unknown => unknown.insert(self.features(first)?.own),
        };
        let requests = devices.iter().flat_map(|device| {
            let off =
                (!own.is_empty()).then(|| self.request(device, Some(own)));
            off.into_iter().chain([self.request(device, None)])
        });
        let requests: Vec<_> = requests.collect();
        let answers: Vec<(usize, Attributes)> = self.talk.ask_all(requests)?;
        ensure!(answers.len() == devices.len(), "ethtool didn't say it all");
        let mut kept = Vec::new();
        for ((_, answer), device) in answers.iter().zip(devices) {
            let after = Features::of(answer)?;
            let on: Vec<_> = after.offloads.intersection(&after.own).collect();
            ensure!(
                on.is_empty(),
                "{device} keeps offloads that it says it can switch off: {on:?}"
            );
            kept.push(after.offloads);
        }
        Ok(kept)
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
        let answers = self.talk.ask_all(vec![self.request(device, None)])?;
        let (_, answer) = answers.first().context("ethtool said nothing")?;
        Features::of(answer)
    }

    /// Reads a device's features, or switches some of them off.
    fn request(
        &self,
        device: &str,
        off: Option<&BTreeSet<String>>,
    ) -> Request<Generic> {
        let mut header = vec![text(HEADER_DEV_NAME, device)];
        let family = self.family;
        let Some(off) = off else {
            let attributes = vec![nest(FEATURES_HEADER, &header)];
            let tried = vec![format!("read the offloads of {device}")];
            let question =
                Generic { family, command: FEATURES_GET, attributes };
            return Request { question, flags: 0, tried };
        };
        let flags = OMIT_REPLY.to_ne_bytes().to_vec();
        header.push(DefaultNla::new(HEADER_FLAGS, flags));
        // A bit that is listed without a value is a bit to clear.
        let bits =
            off.iter().map(|name| nest(BITS_BIT, &[text(BIT_NAME, name)]));
        let bits = nest(BITSET_BITS, &bits.collect::<Vec<_>>());
        let wanted = nest(FEATURES_WANTED, &[bits]);
        let attributes = vec![nest(FEATURES_HEADER, &header), wanted];
        let tried = vec![format!("switch the offloads of {device} off")];
        let question = Generic { family, command: FEATURES_SET, attributes };
        Request { question, flags: 0, tried }
    }
}

fn family_of(talk: &mut Talk) -> Result<u16> {
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
    Ok(u16::from_ne_bytes(family))
}

struct Features {
    /// Offloads that are on.
    offloads: BTreeSet<String>,
    /// Offloads that this device can switch.
    own: BTreeSet<String>,
}

impl Features {
    fn of(answer: &Attributes) -> Result<Self> {
        let active = answer.find(FEATURES_ACTIVE);
        let active = active.context("ethtool named no active features")?;
        let offloads = |bitset| {
            let mut names = names(bitset);
            names.retain(|name| is_offload(name));
            names
        };
        let own = offloads(answer.find(FEATURES_HW));
        Ok(Features { offloads: offloads(Some(active)), own })
    }
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
