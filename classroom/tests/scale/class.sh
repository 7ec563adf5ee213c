# A class that hands in for one exercise, and what is read off its marks.
# shellcheck shell=bash

export EXERCISE=no-stall
SLUG=ch05-no-stall

# make_class DIR STUDENTS: submissions and a roster, whose names say what is due. Most is right,
# since what is right is graded soonest; the second of four parts has somebody who takes long, last.
make_class() {
  local dir=$1 students=$2 n id answer due
  local answers=$LAB_ROOT/lab-runner/tests/fixtures/class
  mkdir -p "$dir/submissions"
  echo id,name >"$dir/roster.csv"
  for ((n = 0; n < students; n++)); do
    id=$(printf 's%04d' "$n")
    answer=$(handed_in_by "$n" "$students")
    due="fail 0 not-handed-in"
    if [[ $answer ]]; then
      mkdir -p "$dir/submissions/$id/$SLUG"
      cp "$answers/$answer" "$dir/submissions/$id/$SLUG/main.${answer##*.}"
      due=$(sed -n '1s/.*EXPECT: //p' "$answers/$answer")
    fi
    echo "$id,$due" >>"$dir/roster.csv"
  done
}

handed_in_by() {
  local n=$1 students=$2
  if ((n == students - 3)); then
    echo says_it_passes.py
    return
  fi
  case $((n % 20)) in
    4) echo kills_everybody.py ;;
    7) echo does_not_compile.c ;;
    11) ;;
    14) echo right.c ;;
    *) echo right.py ;;
  esac
}

# marks_of RESULTS: `s0003 fail 0 rule`, by id.
marks_of() {
  jq -r '.students[] | .id as $id | .marks[] | "\($id) \(.verdict) \(.points)" +
    (if .verdict == "fail" then " \(.cause)" else "" end)' "$1"
}

# due_in ROSTER: the same, as it has to be.
due_in() { sed -n '2,$s/,/ /p' "$1"; }

# same WHAT FILE FILE
same() {
  diff "$2" "$3" >&2 || {
    printf 'error: %s differ, see above\n' "$1" >&2
    return 1
  }
}

# refuse MESSAGE...: ends the test.
refuse() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
