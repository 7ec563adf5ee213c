# A kernel's committed summary and a newer one of a part -> both; of experiments the newer counts,
# date and seconds stay those of the whole run.
.[0] as $old | .[1] as $new
| [$new.experiments[] | [.lab, .experiment]] as $again
| $old + {experiments: ([$old.experiments[] | select([.lab, .experiment] | IN($again[]) | not)]
    + $new.experiments | sort_by(.lab, .experiment))}
