# A Slurm cluster of one machine: control, and nodes that are namespaces of their own (network,
# host name, mounts, processes), so that a node can be switched off. For a shell that is pid 1 of
# namespaces of its own: all of it ends with that shell.
# shellcheck shell=bash

CLUSTER=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
export SLURM_CONF=$CLUSTER/slurm.conf
declare -A POWER=() # a node -> what to kill, to switch it off
declare -A ADDRESS=([a]=192.0.2.11 [b]=192.0.2.12 [c]=192.0.2.13)

say() { printf '   %6.2f s  %s\n' "$(seconds)" "$*"; }
seconds() { awk -v start="$STARTED" '{ print $1 - start }' /proc/uptime; }
read -r STARTED _ </proc/uptime

# until_true SECONDS WHAT COMMAND...: asks again and again; the command may not be an event's.
until_true() {
  local patience=$1 what=$2 end
  shift 2
  end=$((SECONDS + patience + 1))
  until "$@"; do
    if ((SECONDS >= end)); then
      printf 'error: not within %s s: %s\n  tried   %s\n' "$patience" "$what" "$*" >&2
      tell_all >&2
      return 1
    fi
    sleep 0.05
  done
}

# What the cluster says of itself, for a failure.
tell_all() {
  quietly scontrol ping && sinfo -N -o '%N %T %E' && squeue -a -o '%i %T %r %N'
  tail -n 8 "$SCRATCH"/log/* "$SCRATCH"/*.log || true
}

# network_up: a bridge, and this machine at it.
network_up() {
  ip link set lo up
  ip link add lab0 type bridge
  ip address add 192.0.2.1/24 dev lab0
  ip link set lab0 up
}

# machine NAME ADDRESS COMMAND...: the command as pid 1 of a machine at the bridge.
machine() {
  local name=$1 address=$2
  shift 2
  ip netns add "$name"
  ip link add "lab-$name" type veth peer name eth0 netns "$name"
  ip link set "lab-$name" master lab0 up
  ip -n "$name" link set lo up
  ip -n "$name" address add "$address/24" dev eth0
  ip -n "$name" link set eth0 up
  nsenter --net="/run/netns/$name" \
    unshare --uts --ipc --mount --pid --fork --kill-child --mount-proc \
    "$@" >>"$SCRATCH/log/$name" 2>&1 &
  POWER[$name]=$!
}

# cluster_up SCRATCH: control, and its three nodes.
cluster_up() {
  SCRATCH=$1
  mkdir -p "$SCRATCH/log"
  dd if=/dev/urandom of="$SCRATCH/munge.key" bs=128 count=1 status=none
  network_up
  "$CLUSTER/node" control "$SCRATCH/munge.key" slurmctld -D -c >"$SCRATCH/log/control" 2>&1 &
  until_true 10 "munged of control" test -S /run/munge/munge.socket.2
  until_true 20 "slurmctld answers" quietly scontrol ping
  local node
  for node in "${!ADDRESS[@]}"; do switch_on "$node"; done
  for node in "${!ADDRESS[@]}"; do until_true 20 "node $node is idle" node_is "$node" idle; done
}

quietly() { "$@" >/dev/null 2>&1; }

# node_is NODE STATE: as sinfo has it, without its marks.
node_is() { [[ $(sinfo -h -n "$1" -o %t 2>/dev/null) == "$2" ]]; }

switch_on() {
  machine "$1" "${ADDRESS[$1]}" "$CLUSTER/node" "$1" "$SCRATCH/munge.key" slurmd -D
}

# switch_off NODE: as the plug does it; all of its processes are gone when this returns.
switch_off() {
  kill -KILL "${POWER[$1]}"
  wait "${POWER[$1]}" 2>/dev/null || true
  ip netns delete "$1"
  until_true 5 "the cable of $1 is gone" no_link "lab-$1"
}

no_link() { ! ip link show "$1" >/dev/null 2>&1; }
