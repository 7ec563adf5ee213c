# A Rust for every account, where there is none that is recent enough: the distribution's own, or
# rustup's in /opt/rust. provision.sh sources this.
# shellcheck shell=bash disable=SC2154 # root, from: provision.sh's

# The newest that the labs were tried with. rustup's own sums, as
# static.rust-lang.org/rustup/archive/VERSION/TRIPLE/rustup-init.sha256 had them on 2026-11-22.
RUST=1.95.0
RUST_NEEDED=1.85 # answers are in Rust's edition 2024
RUSTUP=1.28.2
declare -A RUSTUP_SUMS=(
  [x86_64]=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c
  [aarch64]=e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c
)

# recent VERSION NEEDED
recent() {
  [[ -n $1 && $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

version_of() { "$1" --version 2>/dev/null | awk '{ print $2; exit }' || true; }

# What every account may use, not what one of them has in its home.
shared_cargo() {
  local cargo
  for cargo in "$root"/usr/local/bin/cargo "$root"/opt/rust/bin/cargo "$root"/usr/bin/cargo; do
    if [[ -x $cargo ]] && recent "$(version_of "$cargo")" "$1"; then
      echo "$cargo"
      return
    fi
  done
  return 1
}

# Debian 13's is 1.85; Debian 12's 1.63 and Ubuntu 24.04's 1.75 don't know edition 2024.
packaged_cargo() { LC_ALL=C apt-cache policy cargo | awk '$1 == "Candidate:" { print $2 }'; }

# Answers need less than the labs themselves.
rust_needed() {
  if is_checkout "$from"; then
    sed -n 's/^rust-version = "\(.*\)"/\1/p' "$from/Cargo.toml"
  else
    echo "$RUST_NEEDED"
  fi
}

rust() {
  local needed cargo
  needed=$(rust_needed)
  if ! shared_cargo "$needed" >/dev/null; then
    if recent "$(packaged_cargo)" "$needed"; then
      say "rust: installing this distribution's cargo"
      install_packages cargo rustc
    else
      rustup
    fi
  fi
  cargo=$(shared_cargo "$needed") ||
    could_not "no Rust $needed" "cargo --version" "$(version_of cargo)" "see above"
  if [[ $cargo == "$root/opt/rust/bin/cargo" ]]; then
    link /opt/rust/bin/rustc /usr/local/bin/rustc || true
    link /opt/rust/bin/cargo /usr/local/bin/cargo && say "rust: /usr/local/bin/cargo" && return
  fi
  already "rust ($(version_of "$cargo"))"
}

# The toolchain goes to /opt/rust, and its programs are called without rustup's go-betweens:
# what a submission's rust-toolchain.toml says is nobody's business.
rustup() {
  local machine triple new
  machine=$(uname -m) triple=$machine-unknown-linux-gnu
  [[ -n ${RUSTUP_SUMS[$machine]-} ]] || could_not "no Rust for $machine" "looking for its sum" \
    "it isn't in $0" "install a Rust $RUST_NEEDED or newer in /opt/rust, then run this again"
  say "rust: fetching rustup $RUSTUP and Rust $RUST to /opt/rust"
  new=$(mktemp -d)
  fetch_rustup "$triple" "$machine" "$new/rustup-init"
  RUSTUP_HOME=$root/opt/rust/rustup CARGO_HOME=$root/opt/rust/cargo "$new/rustup-init" -q -y \
    --no-modify-path --profile minimal --default-toolchain "$RUST" --default-host "$triple" >&2 ||
    could_not "rustup did not install Rust $RUST" "rustup-init" "see above" "is there a network?"
  rm -r "$new"
  link "rustup/toolchains/$RUST-$triple/bin" /opt/rust/bin
}

fetch_rustup() {
  local url=https://static.rust-lang.org/rustup/archive/$RUSTUP/$1/rustup-init
  curl --proto '=https' --tlsv1.2 -sSfo "$3" "$url" ||
    could_not "no rustup" "curl $url" "see above" \
      "is there a network? Or unpack a toolchain so that /opt/rust/bin/cargo is there"
  echo "${RUSTUP_SUMS[$2]}  $3" | sha256sum --quiet -c - >&2 ||
    could_not "rustup is not what it was" "sha256sum $url" "another sum than in $0" \
      "don't run it; ask who keeps the Socket Lab"
  chmod +x "$3"
}
