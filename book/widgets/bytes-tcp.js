// A TCP header -> its fields, and each option's, for bytes-decode.js (RFC 9293,
// 7323, 2018; the other options: IANA's registry of TCP option kinds).
"use strict";
(() => {
  const lab = globalThis.socketLab;
  const FLAGS = ["CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"];
  // As on the arrows: labs/kit/src/trace.rs, Flags::words.
  const ORDER = lab.tcpFlagOrder = ["SYN", "FIN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];
  const OTHER = new Map([
    [14, "alternate checksum request"], [19, "MD5 signature"], [28, "user timeout"],
    [29, "authentication"], [30, "multipath"], [34, "fast open cookie"], [254, "experiment"], [253, "experiment"],
  ]);

  lab.bytesTcp = (r) => {
    const start = r.at, b = r.bytes;
    const words = b[start + 12] >> 4;
    const header = Math.min(Math.max(words * 4, 20), r.left());
    const flags = b[start + 13];
    const set = FLAGS.filter((_, i) => flags >> (7 - i) & 1);
    r.plain(2, "source port");
    r.plain(2, "destination port");
    r.plain(4, "sequence number");
    r.plain(4, "acknowledgement number");
    r.field(1, "data offset", `${words} words = ${header} bytes`,
      [[4, "data offset", `${words} words = ${words * 4} bytes`], [4, "reserved", b[start + 12] & 15]]);
    r.field(1, "flags", ORDER.filter((f) => set.includes(f)).join(" "),
      FLAGS.map((name, i) => [1, name, flags >> (7 - i) & 1 ? "set" : "not set"]));
    r.plain(2, "window");
    r.hex(2, "checksum");
    r.plain(2, "urgent pointer");
    options(r, start + header);
  };

  function options(r, end) {
    const b = r.bytes;
    while (r.at < end) {
      const at = r.at, kind = b[at];
      const says = kind < 2 ? 1 : at + 1 < end ? Math.max(2, b[at + 1]) : 1;
      const length = Math.min(says, end - at);
      const value = Math.max(0, length - 2);
      const head = [[8, "kind", kind], [8, "length", b[at + 1]]];
      if (kind === 0) r.field(length, "end of options");
      else if (kind === 1) r.field(length, "option: no operation", "padding");
      else if (kind === 2) r.field(length, "option: MSS", r.number(at + 2, value), value === 2 ? [...head, [16, "MSS", r.number(at + 2, 2)]] : undefined);
      else if (kind === 3) scale(r, length, value, head);
      else if (kind === 4) r.field(length, "option: SACK permitted", "", length === 2 ? head : undefined);
      else if (kind === 5) sack(r, length, value, head);
      else if (kind === 8 && value === 8) {
        const [now, echo] = [r.number(at + 2, 4), r.number(at + 6, 4)];
        r.field(length, "option: timestamps", `${now}, echo ${echo}`, [...head, [32, "value", now], [32, "echo", echo]]);
      } else r.field(length, "option", `kind ${kind}${OTHER.has(kind) ? `: ${OTHER.get(kind)}` : ""}`,
        length > 1 ? [...head, ...(value ? [[value * 8, "value", ""]] : [])] : undefined);
    }
  }

  function scale(r, length, value, head) {
    const shift = r.number(r.at + 2, value);
    const times = shift < 32 ? `shift ${shift}: the window counts ${2 ** shift} bytes` : `shift ${shift}`;
    r.field(length, "option: window scale", `shift ${shift}`, value === 1 ? [...head, [8, "shift", times]] : undefined);
  }

  function sack(r, length, value, head) {
    const blocks = [];
    for (let i = 0; i + 8 <= value; i += 8) {
      const n = i / 8 + 1, edge = (at) => r.number(r.at + 2 + at, 4);
      blocks.push([32, `block ${n}, from`, edge(i)], [32, `block ${n}, to`, edge(i + 4)]);
    }
    r.field(length, "option: SACK", "", value && value % 8 === 0 ? [...head, ...blocks] : undefined);
  }
})();
