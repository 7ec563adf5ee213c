#!/usr/bin/env bash
# Makes a Debian 12 ready for the labs and their tests: packages, Rust, one build.
# Run as the user who will work there; that user needs sudo.
#   classroom/provision.sh [DIRECTORY OF THE REPOSITORY]
set -euo pipefail

root=${1:-$(dirname "$(dirname "$(readlink -f "$0")")")}

"$root/run" --yes --install-rust --install-only test
"$root/run" doctor
