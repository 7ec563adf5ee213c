//! Links, lengths, checksums.

use super::*;

/// `192.0.2.1:40000 > 192.0.2.2:7000`, with data, the sum as told.
fn segment(data: &[u8], sum: u16) -> Vec<u8> {
    let total = (40 + data.len()) as u16;
    let mut ip = vec![0x45, 0, (total >> 8) as u8, total as u8, 0, 7, 0, 0];
    ip.extend([64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    ip.extend([0x9c, 0x40, 0x1b, 0x58, 0, 0, 0, 9, 0, 0, 0, 1]);
    ip.extend([0x50, 0x18, 1, 0, (sum >> 8) as u8, sum as u8, 0, 0]);
    ip.extend(data);
    ip
}

fn v6(between: &[u8], next: u8, last: u8) -> Vec<u8> {
    let tcp = &segment(b"hi", 0)[20..];
    let len = (between.len() + tcp.len()) as u16;
    let mut ip = vec![0x60, 0, 0, 0, (len >> 8) as u8, len as u8, next, 64];
    for host in [1, 2] {
        ip.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0]);
        ip.extend([0, 0, 0, 0, 0, 0, 0, host]);
    }
    let mut between = between.to_vec();
    if let Some(first) = between.first_mut() {
        *first = last;
    }
    ip.extend(between);
    ip.extend(tcp);
    ip
}

fn links() -> Vec<(u32, Vec<u8>)> {
    let mac = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    let tags = [0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0];
    let cooked = [0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0];
    let second = [8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
    vec![
        (1, [&mac[..], &[8, 0]].concat()),
        (1, [&mac[..], &tags[4..]].concat()),
        (1, [&mac[..], &tags].concat()),
        (113, cooked.to_vec()),
        (276, second.to_vec()),
        (0, vec![2, 0, 0, 0]),
        (108, vec![0, 0, 0, 2]),
        (12, vec![]),
        (14, vec![]),
        (101, vec![]),
        (228, vec![]),
    ]
}

fn data<'a>(packet: &'a Packet) -> (&'a [u8], u32) {
    match &packet.inner {
        Inner::Tcp(tcp) => (tcp.payload, tcp.len),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_segment_on_every_link() {
    for (link, head) in links() {
        let frame = [head, segment(b"hello", 0), vec![0; 6]].concat();
        let read = packet(link, &frame, frame.len() as u32);
        let read = read.unwrap_or_else(|e| panic!("{link}: {e}"));
        assert_eq!(data(&read), (&b"hello"[..], 5), "{link}");
        assert_eq!(read.addresses.0.to_string(), "192.0.2.1");
        for cut in 0..frame.len() {
            let _ = packet(link, &frame[..cut], frame.len() as u32);
        }
    }
    assert_eq!(packet(147, &[0; 60], 60).unwrap_err(), NotIp::Link(147));
}

#[test]
fn extension_headers_are_passed() {
    let options = [0, 0, 1, 4, 0, 0, 0, 0];
    let part = [0, 0, 0, 1, 0, 0, 0, 9];
    for (bytes, fragment) in [
        (v6(&[], 6, 0), None),
        (v6(&options, 0, 6), None),
        (v6(&part, 44, 6), Some(9)),
    ] {
        let read = packet(229, &bytes, bytes.len() as u32).unwrap();
        assert_eq!(data(&read), (&b"hi"[..], 2));
        assert_eq!(read.fragment.map(|f| f.id), fragment);
    }
}

#[test]
fn a_cut_packet_says_how_long_it_was() {
    let whole = segment(&[b'x'; 1000], 0);
    let read = packet(101, &whole[..96], 1040).unwrap();
    assert_eq!(data(&read), (&[b'x'; 56][..], 1000));
    assert_eq!((read.len, read.bytes.len()), (1040, 96));
    let read = packet(101, &whole[..26], 1040).unwrap();
    assert!(matches!(read.inner, Inner::Cut(6)), "{read:?}");
}

#[test]
fn later_fragments_have_no_ports() {
    let mut part = segment(&[b'x'; 24], 0);
    part[6..8].copy_from_slice(&[0x20, 3]);
    let read = packet(101, &part, 64).unwrap();
    assert!(matches!(read.inner, Inner::Part(6)));
    let fragment = Fragment { id: 7, offset: 24, len: 44 };
    assert_eq!(read.fragment, Some(fragment));
}

#[test]
fn a_sum_that_a_card_was_to_complete_is_no_damage() {
    let sums = |sum| {
        let bytes = segment(b"hello", sum);
        match packet(101, &bytes, 45).unwrap().inner {
            Inner::Tcp(tcp) => tcp.checksum,
            other => panic!("{other:?}"),
        }
    };
    // 192.0.2.1 + 192.0.2.2 + 6 + 25, and its complement with the segment.
    assert_eq!(sums(0x8423), Checksum::NotYet);
    assert_eq!(sums(0x8423 - 25), Checksum::NotYet);
    assert_eq!(sums(1), Checksum::Wrong);
    let right = (0..=u16::MAX).find(|&sum| sums(sum) == Checksum::Right);
    assert!(right.is_some());
}
