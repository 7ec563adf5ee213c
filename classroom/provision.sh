#!/usr/bin/env bash
# Makes a Debian 12, Debian 13 or Ubuntu 24.04 a classroom's machine: the installed Socket Lab in
# /opt/socket-lab for every account, and the book on the machine's loopback. Each step says what
# it changed, or "already"; a second run changes nothing and needs no network.
#
#   classroom/provision.sh [--from ARCHIVE|DEB|FOLDER] [--class DIR] [--port N] [--door N]
#
#   --from   a release's socket-lab-*.tar.gz or .deb, that archive unpacked, or a checkout
#            (which builds a release first); unless told, the folder this script is in
#   --class  a folder for a class: DIR/submissions, DIR/results, closed to other accounts
#   --port   where the book is, on 127.0.0.1: 3000 unless told
#   --door   where a virtual machine's host reaches the book; without it, nobody outside does
#
# Exit codes: 0 ready, 2 not. root, or any account that may use sudo.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
from=$(dirname "$here") class='' port=3000 door=''
root=${PROVISION_ROOT-} # the tests' own: files go there
lab=/opt/socket-lab

# Debian's names; Ubuntu's are the same.
PACKAGES=(
  gcc libc6-dev             # answers in Rust are linked with it
  python3                   # answers may be in Python
  curl ca-certificates      # fetches rustup; looks whether the book answers
  iproute2 procps           # ss and sysctl, which the book tells to try
  strace tcpdump            # likewise
  dbus-user-session libpam-systemd # `systemd-run --user`, for grading with limits
)

BUILD_PACKAGES=(libpcap-dev binutils git jq) # for a checkout: classroom/release/build

say() { printf 'provision: %s\n' "$*"; }
already() { say "$1: already"; }

# could_not WHAT TRIED SAID HINT
could_not() {
  printf 'error: %s\n  tried   %s\n  said    %s\n\nhint: %s\n' "$@" >&2
  exit 2
}

# shellcheck source=SCRIPTDIR/steps/rust.sh
. "$here/steps/rust.sh"
# shellcheck source=SCRIPTDIR/steps/lab.sh
. "$here/steps/lab.sh"

# ---- the machine -----------------------------------------------------------

as_root() {
  ((EUID != 0)) || return 0
  type -P sudo >/dev/null || could_not "provisioning needs root" "sudo" "there is no sudo" \
    "as root: $0 $*"
  exec sudo -- "$0" "$@"
}

has_systemd() { [[ -d $root/run/systemd/system ]]; }
in_container() { systemd-detect-virt -cq 2>/dev/null; }

known_system() {
  local ID='' VERSION_ID=''
  # shellcheck source=/dev/null
  . "$root/etc/os-release"
  case $ID-$VERSION_ID in
    debian-12 | debian-13 | ubuntu-24.04) ;;
    *) say "system: $ID $VERSION_ID was never tried; going on as with Debian" ;;
  esac
  type -P apt-get >/dev/null || could_not "no packages here" "apt-get" "there is no such program" \
    "take Debian 12, Debian 13 or Ubuntu 24.04"
}

# put FILE MODE: standard input, whole or not at all. True if that changed anything.
put() {
  local file=$root$1 text
  text=$(cat)
  [[ ! -f $file || $text != "$(<"$file")" ]] || return 1
  mkdir -p "$(dirname "$file")"
  printf '%s\n' "$text" >"$file.new"
  chmod "$2" "$file.new"
  mv "$file.new" "$file"
}

# link TARGET FILE: true if that changed anything.
link() {
  [[ $(readlink "$root$2") != "$1" ]] || return 1
  mkdir -p "$(dirname "$root$2")"
  ln -sfn "$1" "$root$2"
}

is_checkout() { [[ ! -e $1/bin/lab-runner && -x $1/classroom/release/build ]]; }

# ---- packages --------------------------------------------------------------

is_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    "$@" </dev/null >&2
}

# install_packages NAME...: with new lists if the old ones don't lead to it.
install_packages() {
  apt install -y --no-install-recommends "$@" 2>/dev/null && return
  apt update && apt install -y --no-install-recommends "$@" && return
  could_not "packages are missing: $*" "apt-get install $*" "see above" \
    "is there a network? It is needed once."
}

packages() {
  local name missing=()
  ! is_checkout "$from" || PACKAGES+=("${BUILD_PACKAGES[@]}")
  for name in "${PACKAGES[@]}"; do is_installed "$name" || missing+=("$name"); done
  ((${#missing[@]})) || { already packages && return; }
  say "packages: installing ${missing[*]}"
  install_packages "${missing[@]}"
}

# ---- the kernel ------------------------------------------------------------

# netem, tun and all other modules stay as they are: labs have a wire of their own. core_pattern,
# too: a box tells the kernel to start no handler for it. ptrace_scope=1 lets strace start what
# it looks at, which is what the book does.
sysctls() {
  local file=/etc/sysctl.d/60-socket-lab.conf
  put "$file" 644 <"$here/system/60-socket-lab.conf" || { already sysctls && return; }
  sysctl -q -p "$root$file" || say "sysctls: not in force here: may this container set them?"
  say "sysctls: $file"
}

# Ubuntu 23.10 and later: who makes user namespaces needs a profile that allows it.
apparmor() {
  local knob=$root/proc/sys/kernel/apparmor_restrict_unprivileged_userns
  local file=/etc/apparmor.d/opt.socket-lab.bin.lab-runner
  if [[ ! -e $knob ]]; then
    say "apparmor: already: it doesn't restrict user namespaces here"
  elif put "$file" 644 <"$here/release/apparmor"; then
    apparmor_parser -r "$root$file" ||
      could_not "AppArmor took no profile" "apparmor_parser -r $file" "see above" \
        "without it only root can run labs; apt-get install apparmor?"
    say "apparmor: $file lets lab-runner make user namespaces"
  else
    already apparmor
  fi
}

# A limit on memory is none while what exceeds it can be swapped out.
swap() {
  local changed=''
  if in_container; then say "swap: already: it is the host's to switch off" && return; fi
  if has_systemd && [[ $(systemctl is-enabled swap.target 2>/dev/null) != masked* ]]; then
    systemctl -q mask swap.target
    changed="swap.target masked"
  fi
  if [[ $(wc -l <"$root/proc/swaps") -gt 1 ]]; then
    swapoff -a
    changed+="${changed:+, }swapoff"
  fi
  if [[ -n $changed ]]; then say "swap: $changed"; else already swap; fi
}

delegation() {
  local file=/etc/systemd/system/user@.service.d/socket-lab.conf
  has_systemd || { say "delegation: no systemd here: grade as root, or with weak limits" && return; }
  put "$file" 644 <"$here/system/user-delegate.conf" || { already delegation && return; }
  systemctl daemon-reload
  say "delegation: $file, from the next login on"
}

# ---- the book --------------------------------------------------------------

# unit FILE: with this machine's ports; true if that changed anything.
unit() {
  sed "s/@PORT@/$port/g; s/@DOOR@/$door/g" "$here/system/$1" | put "/etc/systemd/system/$1" 644
}

enabled() { systemctl -q is-enabled "$1" 2>/dev/null && systemctl -q is-active "$1"; }

book() {
  local changed='' name names=(socket-lab-book.service)
  has_systemd || { say "book: no systemd here: lab-runner book serve --port $port" && return; }
  ! unit socket-lab-book.service || changed=yes
  if [[ -n $door ]]; then
    ! unit socket-lab-door.service || changed=yes
    ! unit socket-lab-door.socket || changed=yes
    names+=(socket-lab-door.socket)
  fi
  [[ -z $changed ]] || systemctl daemon-reload
  for name in "${names[@]}"; do
    if [[ -z $changed ]] && enabled "$name"; then continue; fi
    systemctl -q enable "$name"
    systemctl restart "$name"
    changed=yes
  done
  book_answers
  if [[ -n $changed ]]; then say "book: http://127.0.0.1:$port/"; else already book; fi
}

# A service that was started isn't yet one that answers.
book_answers() {
  curl -sfo /dev/null --retry 60 --retry-delay 1 --retry-all-errors "http://127.0.0.1:$port/" ||
    could_not "the book does not answer" "curl http://127.0.0.1:$port/" \
      "$(systemctl status --no-pager -n 5 socket-lab-book.service 2>&1 | tail -n 5)" \
      "journalctl -u socket-lab-book; is another program at port $port? --port N"
}

# ---- the class -------------------------------------------------------------

the_class() {
  local folder owner=${SUDO_USER:-root} changed=''
  [[ -n $class ]] || return 0
  for folder in "$class" "$class/submissions" "$class/results"; do
    [[ ! -d $root$folder ]] || continue
    install -d -m 700 -o "$owner" -g "$(id -g "$owner")" "$root$folder"
    changed=yes
  done
  if [[ -n $changed ]]; then say "class: $class, $owner's"; else already class; fi
}

# As who called this, since labs want no root.
doctor() {
  local command=("$root$lab/bin/lab-runner" doctor)
  [[ -z ${SUDO_USER-} ]] || command=(runuser -u "$SUDO_USER" -- "${command[@]}")
  (cd / && "${command[@]}") || could_not "labs can't run here" "${command[*]}" "see above" \
    "it says above what is missing, and what to do"
}

# ---- all of it -------------------------------------------------------------

arguments() {
  while (($#)); do
    [[ $# -ge 2 ]] || could_not "$1 of what?" "$0 $*" "a word is missing" "head -n 20 $0"
    case $1 in
      --from) from=$(readlink -m "$2") ;;
      --class) class=$2 ;;
      --port) port=$2 ;;
      --door) door=$2 ;;
      *) could_not "what is $1?" "$0 $*" "no such option" "head -n 20 $0" ;;
    esac
    shift 2
  done
  [[ -e $from ]] || could_not "nothing to install" "looking for $from" "it is not there" \
    "--from ARCHIVE, DEB or FOLDER"
  [[ $port$door =~ ^[0-9]+$ ]] || could_not "a port is a number" "--port $port --door $door" \
    "not a number" "--port 3000"
  [[ -z $class || $class == /* ]] || could_not "whose folder is $class?" "--class $class" \
    "it begins with no /" "--class /srv/class"
}

main() {
  arguments "$@"
  as_root "$@"
  known_system
  packages
  swap
  sysctls
  apparmor
  delegation
  rust
  the_lab
  the_class
  book
  doctor
  say "ready"
}

main "$@"
