//! Four ways to get numbers out of an IPv4 header (RFC 791, section 3.1).

use pnet_packet::ipv4::Ipv4Packet;
use zerocopy::byteorder::network_endian::U16;
use zerocopy::{FromBytes, Immutable, KnownLayout};

#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Fields {
    pub(crate) length: u16,
    pub(crate) fragment: u16,
    pub(crate) ttl: u8,
}

impl std::fmt::Display for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Fields { length, fragment, ttl } = self;
        write!(f, "{length} bytes, offset {fragment}, TTL {ttl}")
    }
}

// ANCHOR: hand
/// Says the order where it reads.
pub(crate) fn by_hand(bytes: &[u8]) -> Fields {
    Fields {
        length: u16::from_be_bytes([bytes[2], bytes[3]]),
        // Three bits of flags, then thirteen bits of offset.
        fragment: u16::from_be_bytes([bytes[6], bytes[7]]) & 0x1fff,
        ttl: bytes[8],
    }
}
// ANCHOR_END: hand

// ANCHOR: zerocopy
/// Says the order in the type: `U16` is two bytes, of alignment 1, and gives
/// its number only to `get()`.
#[derive(FromBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Header {
    version_and_words: u8,
    service: u8,
    length: U16,
    identification: U16,
    fragment: U16,
    ttl: u8,
    protocol: u8,
    checksum: U16,
    source: [u8; 4],
    destination: [u8; 4],
}

pub(crate) fn by_zerocopy(bytes: &[u8]) -> Fields {
    let (header, _options) =
        Header::ref_from_prefix(bytes).expect("at least 20 bytes");
    Fields {
        length: header.length.get(),
        fragment: header.fragment.get() & 0x1fff,
        ttl: header.ttl,
    }
}
// ANCHOR_END: zerocopy

/// Says nothing of the order.
pub(crate) fn by_pnet(bytes: &[u8]) -> Fields {
    let header = Ipv4Packet::new(bytes).expect("at least 20 bytes");
    Fields {
        length: header.get_total_length(),
        fragment: header.get_fragment_offset(),
        ttl: header.get_ttl(),
    }
}

// ANCHOR: cast
/// C's `(struct iphdr *)`: numbers in whichever order the machine has.
#[repr(C)]
struct Cast {
    version_and_words: u8,
    service: u8,
    length: u16,
    identification: u16,
    fragment: u16,
    ttl: u8,
    protocol: u8,
    checksum: u16,
    source: u32,
    destination: u32,
}

pub(crate) fn by_cast(bytes: &[u8]) -> Fields {
    assert!(bytes.len() >= size_of::<Cast>());
    // SAFETY: long enough, and any bytes are numbers. Nobody promises that
    // they are aligned, so a plain `*` would be undefined behaviour.
    let header: Cast =
        unsafe { bytes.as_ptr().cast::<Cast>().read_unaligned() };
    Fields {
        length: header.length,
        fragment: header.fragment & 0x1fff,
        ttl: header.ttl,
    }
}
// ANCHOR_END: cast
