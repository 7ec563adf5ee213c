// socketLab.bytes, without a browser: the fields that the Rust side names
// (labs/kit/src/figure/packet.rs reads the same file), and the protocols that
// only the browser knows.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const root = new URL("../../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const context = vm.createContext({ socketLab: {} });
for (const name of ["bytes-decode", "bytes-tcp"]) vm.runInContext(read(`book/widgets/${name}.js`), context);
// Through JSON, for values of this realm.
const bytes = (hex) => JSON.parse(JSON.stringify(context.socketLab.bytes(hex)));

const named = (hex) => Object.fromEntries(bytes(hex).map(({ name, meaning }) => [name, meaning]));

function gapless(hex) {
  let at = 0;
  for (const { from, to, bits } of bytes(hex)) {
    assert.equal(from, at, hex);
    assert.ok(to > from);
    at = to;
    if (bits) assert.equal(bits[bits.length - 1].to, (to - from) * 8, `bits of ${hex} at ${from}`);
  }
  assert.equal(at, hex.length / 2, hex);
}

const cases = JSON.parse(read("labs/kit/src/figure/packets.json"));

test("IPv4, TCP, UDP and ICMP are named as in the figures", () => {
  for (const { what, hex, fields } of cases) {
    assert.deepEqual(bytes(hex).map(({ from, to, name, meaning }) => [from, to, name, meaning]), fields, what);
    gapless(hex);
  }
});

test("bits: of the flags, and of SACK's blocks", () => {
  const flags = bytes(cases[0].hex).find(({ name }) => name === "flags").bits;
  assert.deepEqual(flags.filter(({ meaning }) => meaning === "set").map(({ name }) => name), ["SYN"]);
  const sack = bytes(cases[2].hex).find(({ name }) => name === "option: SACK").bits;
  assert.deepEqual(sack.slice(2).map(({ meaning }) => meaning), ["16", "32", "48", "64"]);
});

test("IPv6: addresses, extension headers, ICMPv6, TCP", () => {
  const header = (next, length) => `6a012345${length.toString(16).padStart(4, "0")}${next.toString(16).padStart(2, "0")}40`
    + "20010db8000000000000000000000001" + "20010db8000100000000000000000002";
  const echo = header(58, 8) + "8000abcd00010002";
  assert.equal(named(echo)["version, traffic class, flow label"], "6, 160, 0x12345");
  assert.equal(named(echo).source, "2001:db8::1");
  assert.equal(named(echo).destination, "2001:db8:1::2");
  assert.equal(named(echo).type, "128: echo request");
  gapless(echo);
  const fragment = header(44, 16) + "0600000100000007" + "6162636465666768";
  assert.equal(named(fragment)["fragment offset, flags"], "offset 0, more fragments");
  gapless(fragment);
  const tcp = header(6, 20) + "1f909c400000000a0000000b501200e5abcd0000";
  assert.equal(named(tcp).flags, "SYN ACK");
  gapless(tcp);
});

test("ARP", () => {
  const ask = "0001080006040001" + "02000000000a" + "c0000201" + "000000000000" + "c0000202";
  assert.equal(named(ask).operation, "1: request");
  assert.equal(named(ask)["sender's hardware address"], "02:00:00:00:00:0a");
  assert.equal(named(ask)["target's protocol address"], "192.0.2.2");
  gapless(ask);
});

test("nothing is too short or too broken: every byte is in one field", () => {
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) >> 16 & 255;
  for (const { hex } of cases)
    for (let cut = 2; cut <= hex.length; cut += 2) {
      gapless(hex.slice(0, cut));
      const at = 2 * (random() % (cut / 2));
      gapless(hex.slice(0, at) + random().toString(16).padStart(2, "0") + hex.slice(at + 2, cut));
    }
  assert.deepEqual(bytes(""), []);
  assert.deepEqual(bytes(null), []);
  assert.equal(bytes("zz4<5>").length, 1, "only its hex digits count");
});
