# shellcheck shell=bash
# Sourced by the scripts beside it: where things are, and how to say that something failed.
# Needs: bash, git, jq, cargo.

# shellcheck disable=SC2034 # for those who source this
project=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
target=${CARGO_TARGET_DIR:-$project/target}
[[ $target == /* ]] || target=$project/$target
made=$target/release-build # all that is made on the way; may be removed
arch=$(uname -m)
triple=$arch-unknown-linux-gnu
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$project/Cargo.toml")

say() { printf 'release: %s\n' "$*" >&2; }

# could_not WHAT TRIED SAID HINT
could_not() {
  printf 'error: %s\n  tried   %s\n  said    %s\nhint: %s\n' "$1" "$2" "$3" "$4" >&2
  exit 2
}

in_git() { git -c safe.directory='*' -C "$project" "$@"; }
