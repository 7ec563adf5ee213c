# What is committed and what was seen of a part -> whether each verdict is the same, and a line
# for each that isn't.
.[0] as $committed | .[1] as $seen
| def of($all): [.lab, .experiment] as $name
    | first($all.experiments[] | select([.lab, .experiment] == $name)) // {verdict: "not there"};
[$seen.experiments[] | select(.verdict != of($committed).verdict)
  | "\($seen.series): \(.lab)/\(.experiment) is \(.verdict), committed is \(of($committed).verdict)"]
| if length > 0 then (.[], false)
  elif ($seen.experiments | length) == 0 then ("nothing was seen", false)
  else "\($seen.series): \($seen.experiments | length) verdicts, all as committed" end
