# Summaries -> lines for a terminal: how many of each verdict, and all that isn't "pass".
def plural($n; $word): "\($n) \($word)\(if $n == 1 then "" else "s" end)";
def counts: group_by(.verdict) | map("\(length) \(.[0].verdict)") | join(", ");
def indented: split("\n") | map("      " + .) | join("\n");

"Linux \(.release): \(plural(.experiments | length; "experiment")): \(.experiments | counts)",
(.experiments[] | select(.verdict | IN("pass", "new") | not)
  | "  \(.verdict)  \(.lab)/\(.experiment)\(if .what_if then " --what-if \(.what_if)" else "" end)\(if .tries > 1 then " (\(.tries) tries)" else "" end)",
    (.claims[]? | "      \(.claim)\n        wanted \(.wanted)\n        saw    \(.saw)"),
    (.why[]? | indented),
    (.diff // empty | rtrimstr("\n") | indented))
