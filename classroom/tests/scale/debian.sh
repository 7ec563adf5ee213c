# The Debian in which schedulers are tried: their daemons are not installed on this machine.
# shellcheck shell=bash

PACKAGES=(slurmctld slurmd slurm-client munge parallel openssh-server openssh-client iproute2
  jq gcc libc6-dev python3 libpcap0.8 procps)

# in_debian PROGRAM: this program again, with the word `inside`, as pid 1 of that Debian; the
# project, what is built of it, and Rust are seen there where they are here.
in_debian() {
  local root rust home=${CARGO_HOME:-$HOME/.cargo}
  if ((EUID)); then
    echo "SKIPPED: schedulers are tried in a Debian of their own; that takes root, you are uid $EUID"
    [[ -z ${CI-} ]] || exit 2 # in CI nothing is left out
    exit 0
  fi
  root=$("$LAB_ROOT/classroom/roots/make" cluster "${PACKAGES[@]}")
  rust=$(cd "$LAB_ROOT" && rustc --print sysroot)
  (cd "$LAB_ROOT" && cargo build -q -p lab-runner)
  exec "$LAB_ROOT/classroom/roots/enter" "$root" --bind "$LAB_ROOT:$LAB_ROOT" \
    --bind "$CARGO_TARGET_DIR:$CARGO_TARGET_DIR:rw" --bind "$rust:$rust" --bind "$home:$home" -- \
    env "LAB_ROOT=$LAB_ROOT" "CARGO_TARGET_DIR=$CARGO_TARGET_DIR" "CARGO_HOME=$home" \
    CARGO_NET_OFFLINE=true "PATH=$CARGO_TARGET_DIR/debug:$rust/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
    "$1" inside
}
