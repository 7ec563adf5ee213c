# lab-runner's JSON lines of one kernel -> what the book's table needs of them. An experiment that
# ran again (a second line) is the best that it came to: the machine may have stood still. But what
# breaks a claim three times out of three has failed, whatever the machine did.
# Arguments: $series, $release, $date, $machine, $seconds.
def badness:
  if .verdict == "pass" then (if .snapshot.is == "different" then 1 else 0 end)
  else {"skipped": 0, "new": 2, "snapshot-differs": 3, "claim-failed": 4}[.verdict] // 5 end;
def claims: [.claims[]? | select(.holds | not) | {claim, wanted, saw}];
def shown: if .verdict != "pass" then .verdict
  elif .snapshot.is == "different" then "differs"
  elif .snapshot.other then "variant" else "pass" end;

def judged: . as $tries | min_by(badness)
  | if ($tries | length >= 3 and all(claims | length > 0))
    then . + {verdict: "claim-failed", why: []} else . end;

def cell: {lab, experiment, what_if, verdict: shown, tries: .tries}
  + (claims | if length > 0 then {claims: .} else {} end)
  + (if .why? // [] | length > 0 then {why} else {} end)
  + (if .needs? then {needs} else {} end)
  + (if .snapshot.is? == "different" then {diff: .snapshot.diff} else {} end)
  + (if .snapshot.other? then .snapshot.other | {reason, diff} else {} end);

{
  series: $series, release: $release, date: $date, machine: $machine, seconds: $seconds,
  experiments: (group_by([.lab, .experiment, .what_if])
    | map(judged + {tries: length} | cell | del(.what_if | nulls))),
}
