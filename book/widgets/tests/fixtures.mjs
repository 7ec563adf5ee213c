// Models by hand: a conversation with one of everything, and a long one.

const TCP = "450000340000400040060000c0000201c00002029c401f900000000100000002801001fe0000000001010" + "80a0000000100000002";

const packet = (n, at, from, to, label, rest = {}) =>
  ({ row: "packet", n, at, arrived: at + 20_000, flow: 1, from, to, label, bytes: TCP, len: 52, relative: [1, 1], ...rest });

// Lost, damaged, sent again, to itself, several connections, three hosts;
// every text that comes from outside tries to be markup.
export const hostile = "<img src=x onerror=document.title='owned'><b>b</b>";
export function everything() {
  return {
    format: 1, of: `fixture/${hostile}`, kernel: "6.1", hosts: ["client", "router", hostile],
    claims: [{ says: `it waits ${hostile}`, holds: true, saw: "40 ms" }, { says: "it fails", holds: false, saw: hostile }],
    rows: [
      { row: "note", at: -1000, host: "client", text: `mark ${hostile}` },
      { row: "connection", number: 1 },
      packet(1, 0, "client", "router", "SYN", { arrived: undefined, states: { client: "SYN-SENT" }, means: "It asks for a connection." }),
      packet(2, 1_000_000_000, "client", "router", "SYN again", { again: true, states: { client: "SYN-SENT", router: "SYN-RECEIVED" } }),
      { row: "gap", claim: 0, lasted: "40.0 ms", holds: true },
      packet(3, 1_040_000_000, "router", hostile, `PSH ACK 1:6 "${hostile}"`, { shows: [[0, true], [1, false]], damaged: true, means: hostile }),
      { row: "states", label: `after ${hostile}`, states: [["client", "ESTABLISHED"], ["router", hostile]] },
      { row: "quiet", text: "client quiet for 1 s: so that it is seen" },
      { row: "connection", number: 2 },
      packet(4, 1_050_000_000, "client", "client", "#2 SYN", { flow: 2 }),
      { row: "gap", claim: 1, lasted: "0.1 ms", holds: false },
      packet(5, 1_051_000_000, "nobody", "client", "#2 RST", { flow: 2, bytes: undefined, relative: undefined, states: { client: "CLOSED" } }),
      { row: "note", host: "client", text: "TcpExtDelayedACKs +1" },
    ],
  };
}

export function long(count) {
  const rows = [];
  for (let i = 0; i < count; i++) {
    const back = i % 3 === 2;
    if (i && i % 100 === 0) rows.push({ row: "gap", claim: 0, lasted: "41.0 ms", holds: true });
    if (i % 50 === 7) rows.push({ row: "note", at: i * 1e6, host: "server", text: `mark "step ${i}"` });
    rows.push(packet(i + 1, i * 1e6, back ? "server" : "client", back ? "client" : "server",
      back ? `ACK ${i * 100}` : `PSH ACK ${i * 100}:${i * 100 + 100} "some data that is sent"`,
      { states: { client: "ESTABLISHED", server: i % 7 ? "ESTABLISHED" : "CLOSE-WAIT" }, means: "It carries data." }));
  }
  return { format: 1, of: "fixture/long", kernel: "", hosts: ["client", "server"], claims: [{ says: "it waits", holds: true, saw: "" }], rows };
}
