#!/bin/sh
# Before each rustc, whatever cargo was told.
attempt() {
  name=$1 what=$2
  shift 2
  if sh -c "$@" >/dev/null 2>&1; then
    echo "wrapper $name HIT $what"
  else
    echo "wrapper $name NO $what: $?"
  fi >>"$LAB_REPORT"
}
if [ -z "$LAB_BOMB" ]; then
  attempt read_secrets key "cat '$LAB_FOLDER/key/answer.txt'"
  attempt write_grades grades "echo mallory,99 >> '$LAB_FOLDER/grades.csv'"
fi
exec "$@"
