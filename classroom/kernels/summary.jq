# lab-runner's JSON lines of one kernel -> what the book's table needs of them. An experiment that
# ran again (a second line) is what it came to at last.
# Arguments: $series, $release, $date, $machine.
def claims: [.claims[]? | select(.holds | not) | {claim, wanted, saw}];
def differs: .verdict == "pass" and .snapshot.is == "different";

def cell: {
  lab, experiment, what_if,
  verdict: (if differs then "differs" else .verdict end),
  tries: .tries,
} + (claims | if length > 0 then {claims: .} else {} end)
  + (if .why? // [] | length > 0 then {why} else {} end)
  + (if .snapshot.is? == "different" then {diff: .snapshot.diff} else {} end);

{
  series: $series, release: $release, date: $date, machine: $machine,
  experiments: (group_by([.lab, .experiment, .what_if])
    | map(last + {tries: length} | cell | del(.what_if | nulls))),
}
