# A kernel's committed summary and a newer one of a part -> both; the newer counts.
.[0] as $old | .[1] as $new
| [$new.experiments[] | [.lab, .experiment]] as $again
| $new + {experiments: ([$old.experiments[] | select([.lab, .experiment] | IN($again[]) | not)]
    + $new.experiments | sort_by(.lab, .experiment))}
