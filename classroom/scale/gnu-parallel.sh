#!/usr/bin/env bash
# A class on the machines at hand, by GNU parallel: this one, or others by ssh.
#
#   gnu-parallel.sh --submissions DIR --roster roster.csv --parts PARTS
#   HOSTS=lab1,lab2,lab3 COUNT=12 gnu-parallel.sh (the same)
#   lab-runner merge PARTS --expect-roster roster.csv --out class
#
# COUNT parts (4), JOBS of them at once on each machine (1: lab-runner itself keeps every core
# busy). HOSTS, as ssh knows them, see all folders under the same names and have lab-runner on
# their PATH. The same command again runs what failed or is missing, by its job log; another
# command has another log. Exit codes: as lab-runner grade has them, the worst of all parts.
set -euo pipefail

count=${COUNT:-4}
log=socket-lab-$(printf '%s\n' "$PWD" "$count" "$@" | sha256sum | cut -c 1-12).joblog

# The last word on each part: `3 lab1 42 0` for its number, its machine, exit code and signal.
ended() { awk 'NR > 1 { last[$1] = $1 " " $2 " " $7 " " $8 } END { for (n in last) print last[n] }' "$log"; }

# What to do about the parts that did not end well; the worst exit code.
worst() {
  local part host code signal worst=0
  while read -r part host code signal; do
    ((signal == 0)) || code=2
    case $code in
      0) continue ;;
      1) echo "part $part of $count: some are open" ;;
      42) echo "part $part of $count: $host is unfit for grading; leave it out of HOSTS" ;;
      *) echo "part $part of $count: failed on $host (exit code $code, signal $signal)" ;;
    esac >&2
    ((code <= worst)) || worst=$code
  done < <(ended | sort -n)
  echo "$worst"
}

main() {
  local where=() code=0
  [[ -z ${HOSTS-} ]] || where=(--sshlogin "$HOSTS" --workdir "$PWD")
  parallel --quote --jobs "${JOBS:-1}" --joblog "$log" --resume-failed "${where[@]}" \
    env "LAB_PARTITION=slice:{}/$count" lab-runner grade --partition auto "$@" \
    ::: $(seq "$count") || code=$?
  ((code <= 101)) && [[ -s $log ]] || exit 2
  code=$(worst)
  ((code == 0)) || echo "the same command runs these parts again; its log is $log" >&2
  exit "$code"
}

main "$@"
