// A packet's bytes, in hex -> its fields, in order, each byte in one of them:
// [{ from, to, name, meaning, bits? }], `to` exclusive. `bits` are the parts of
// a field, counted in bits from its beginning: [{ from, to, name, meaning }].
// IPv4, TCP, UDP and ICMP are named as in labs/kit/src/figure/packet.rs
// (RFC 791, 9293, 768, 792); IPv6 after RFC 8200 and 4443, ARP after RFC 826.
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const hexOf = (n, digits = 4) => "0x" + n.toString(16).padStart(digits, "0");

  class Reader {
    constructor(bytes) {
      this.bytes = bytes;
      this.fields = [];
      this.at = 0;
    }
    number(at, length) {
      let all = 0;
      for (let i = at; i < at + length; i++) all = all * 256 + (this.bytes[i] ?? 0);
      return all;
    }
    left() { return this.bytes.length - this.at; }
    // The next bytes; fewer, and said so, where the capture kept fewer.
    field(length, name, meaning = "", bits) {
      const from = this.at, to = Math.min(from + length, this.bytes.length);
      if (to <= from) return;
      this.at = to;
      const cut = to - from < length;
      const field = { from, to, name, meaning: cut ? "cut off by the capture" : String(meaning) };
      if (bits && !cut) {
        let bit = 0;
        field.bits = bits.map(([width, name, meaning]) => ({ from: bit, to: bit += width, name, meaning: String(meaning) }));
      }
      this.fields.push(field);
    }
    // A number that is its own meaning.
    plain(length, name) { this.field(length, name, this.number(this.at, length)); }
    hex(length, name) { this.field(length, name, hexOf(this.number(this.at, length), length * 2)); }
    data(name = "data") {
      const shown = this.bytes.slice(this.at, this.at + 24);
      const text = shown.every((b) => b >= 32 && b <= 126);
      this.field(this.left(), name, text ? String.fromCharCode(...shown) : "");
    }
  }
  lab.BytesReader = Reader;

  const protocols = new Map([[1, "ICMP"], [6, "TCP"], [17, "UDP"], [58, "ICMPv6"]]);
  const ecns = ["not capable", "ECT(1)", "ECT(0)", "congestion experienced"];
  const dotted = (bytes) => bytes.join(".");

  // RFC 5952: the longest run of zeroes is left out.
  function colons(bytes) {
    const words = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] << 8 | bytes[2 * i + 1]).toString(16));
    let best = [0, 0];
    for (let i = 0, from = -1; i <= 8; i++) {
      if (words[i] === "0") { if (from < 0) from = i; continue; }
      if (from >= 0 && i - from > Math.max(1, best[1])) best = [from, i - from];
      from = -1;
    }
    if (!best[1]) return words.join(":");
    return `${words.slice(0, best[0]).join(":")}::${words.slice(best[0] + best[1]).join(":")}`;
  }

  function ipv4(r) {
    const b = r.bytes, words = b[0] & 15, header = Math.max(20, words * 4);
    const cut = b[6] >> 5, offset = r.number(6, 2) & 0x1fff;
    const says = cut === 2 && !offset ? "don't fragment"
      : !cut && !offset ? "none" : `flags ${cut.toString(2).padStart(3, "0")}, offset ${offset}`;
    r.field(1, "version, header length", `${b[0] >> 4}, ${words} words = ${words * 4} bytes`,
      [[4, "version", b[0] >> 4], [4, "header length", `${words} words = ${words * 4} bytes`]]);
    r.field(1, "DSCP, ECN", `${b[1] >> 2}, ${b[1] & 3}`,
      [[6, "DSCP", b[1] >> 2], [2, "ECN", `${b[1] & 3}: ${ecns[b[1] & 3]}`]]);
    r.plain(2, "total length");
    r.plain(2, "identification");
    r.field(2, "flags, fragment offset", says, [
      [1, "reserved", b[6] >> 7], [1, "don't fragment", b[6] >> 6 & 1],
      [1, "more fragments", b[6] >> 5 & 1], [13, "fragment offset", `${offset} = ${offset * 8} bytes`]]);
    r.plain(1, "time to live");
    const protocol = b[9];
    r.field(1, "protocol", [1, 6, 17].includes(protocol) ? `${protocol}: ${protocols.get(protocol)}` : protocol);
    r.hex(2, "header checksum");
    r.field(4, "source", dotted(b.slice(12, 16)));
    r.field(4, "destination", dotted(b.slice(16, 20)));
    if (header > 20) r.field(header - 20, "IP options");
    upper(r, offset ? -1 : protocol);
  }

  const extensions = new Map([[0, "hop-by-hop options"], [43, "routing header"], [60, "destination options"]]);

  function ipv6(r) {
    const b = r.bytes, kind = (b[0] & 15) << 4 | b[1] >> 4;
    const label = r.number(1, 3) & 0xfffff;
    r.field(4, "version, traffic class, flow label", `${b[0] >> 4}, ${kind}, ${hexOf(label, 5)}`, [
      [4, "version", b[0] >> 4], [6, "DSCP", kind >> 2],
      [2, "ECN", `${kind & 3}: ${ecns[kind & 3]}`], [20, "flow label", hexOf(label, 5)]]);
    r.plain(2, "payload length");
    let next = b[6];
    const named = (n) => `${n}: ${protocols.get(n) ?? extensions.get(n) ?? (n === 44 ? "fragment header" : "other")}`;
    r.field(1, "next header", named(next));
    r.plain(1, "hop limit");
    r.field(16, "source", colons(b.slice(8, 24)));
    r.field(16, "destination", colons(b.slice(24, 40)));
    while ((extensions.has(next) || next === 44) && r.left() >= 8) {
      const at = r.at, after = b[at];
      r.field(1, "next header", named(after));
      if (next === 44) {
        const offset = r.number(at + 2, 2) >> 3;
        r.field(1, "reserved");
        r.field(2, "fragment offset, flags", `offset ${offset}${b[at + 3] & 1 ? ", more fragments" : ""}`,
          [[13, "fragment offset", `${offset} = ${offset * 8} bytes`], [2, "reserved", b[at + 3] >> 1 & 3], [1, "more fragments", b[at + 3] & 1]]);
        r.hex(4, "identification");
        next = offset ? -1 : after;
      } else {
        const length = (b[at + 1] + 1) * 8;
        r.field(1, "header length", `${length} bytes`);
        r.field(length - 2, extensions.get(next));
        next = after;
      }
    }
    upper(r, next);
  }

  function arp(r) {
    const b = r.bytes, operation = r.number(6, 2);
    const mac = (at) => [...b.slice(at, at + 6)].map((x) => x.toString(16).padStart(2, "0")).join(":");
    r.field(2, "hardware type", "1: Ethernet");
    r.field(2, "protocol type", "0x0800: IPv4");
    r.field(1, "hardware address length", b[4]);
    r.field(1, "protocol address length", b[5]);
    r.field(2, "operation", ({ 1: "1: request", 2: "2: reply" })[operation] ?? operation);
    r.field(6, "sender's hardware address", mac(8));
    r.field(4, "sender's protocol address", dotted(b.slice(14, 18)));
    r.field(6, "target's hardware address", mac(18));
    r.field(4, "target's protocol address", dotted(b.slice(24, 28)));
    r.data("padding");
  }

  function upper(r, protocol) {
    const least = protocol === 6 ? 20 : 8;
    if (r.left() < least) return r.data();
    if (protocol === 6) lab.bytesTcp(r);
    else if (protocol === 17) udp(r);
    else if (protocol === 1 || protocol === 58) icmp(r, protocol === 58);
    r.data();
  }

  function udp(r) {
    const sum = r.number(r.at + 6, 2);
    r.plain(2, "source port");
    r.plain(2, "destination port");
    r.plain(2, "length");
    r.field(2, "checksum", sum ? hexOf(sum) : "none");
  }

  function icmp(r, six) {
    const type = r.bytes[r.at];
    const echo = ["identifier", "sequence number"];
    const known = six
      ? { 1: ["unreachable", "unused", "unused"], 2: ["packet too big", "MTU", "MTU"], 3: ["time exceeded", "unused", "unused"],
        128: ["echo request", ...echo], 129: ["echo reply", ...echo],
        135: ["neighbour solicitation", "reserved", "reserved"], 136: ["neighbour advertisement", "flags", "reserved"] }
      : { 0: ["echo reply", ...echo], 8: ["echo request", ...echo], 3: ["unreachable", "unused", "next hop's MTU"] };
    const [name, first, second] = known[type] ?? ["", "rest of", "the header"];
    r.field(1, "type", name ? `${type}: ${name}` : type);
    r.plain(1, "code");
    r.hex(2, "checksum");
    if (first === second) return r.plain(4, first);
    r.plain(2, first);
    r.plain(2, second);
  }

  lab.bytes = (hex) => {
    const digits = String(hex ?? "").replace(/[^0-9a-fA-F]/g, "");
    const bytes = Uint8Array.from({ length: digits.length >> 1 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
    const r = new Reader(bytes);
    const version = bytes[0] >> 4;
    if (!bytes.length) return [];
    if (version === 4 && bytes.length >= 20 && (bytes[0] & 15) >= 5) ipv4(r);
    else if (version === 6 && bytes.length >= 40) ipv6(r);
    else if (bytes.length >= 28 && r.number(0, 4) === 0x10800 && r.number(4, 2) === 0x604) arp(r);
    else r.field(bytes.length, version === 4 || version === 6 ? "cut short" : "not IP");
    return r.fields;
  };
})();
