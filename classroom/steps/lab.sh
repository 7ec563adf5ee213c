# An archive, a Debian package, an unpacked archive or a checkout -> /opt/socket-lab, and lab-runner
# on everybody's PATH. provision.sh sources this.
# shellcheck shell=bash disable=SC2154 # root, from, lab: provision.sh's

the_lab() {
  case $from in
    *.deb) lab_from_deb "$from" ;;
    *.tar.gz) lab_from_archive "$from" ;;
    *)
      if [[ -x $from/bin/lab-runner ]]; then
        lab_from_folder "$from"
      elif is_checkout "$from"; then
        lab_from_checkout "$from"
      else
        could_not "nothing to install" "looking into $from" \
          "it is no archive, no .deb, no unpacked archive, no checkout" "--from FILE or FOLDER"
      fi
      ;;
  esac
  link "$lab/bin/lab-runner" /usr/local/bin/lab-runner && say "lab: /usr/local/bin/lab-runner"
  return 0
}

lab_from_deb() {
  local there new
  there=$(dpkg-query -W -f '${db:Status-Status} ${Version}' socket-lab 2>/dev/null) || true
  new=$(dpkg-deb -f "$1" Version)
  [[ $there != "installed $new" ]] || { already "lab (socket-lab $new)" && return; }
  apt install -y --no-install-recommends "$(readlink -f "$1")" || could_not "socket-lab not installed" \
    "apt-get install $1" "see above" "dpkg --print-architecture says what this machine is"
  say "lab: socket-lab $new"
}

# install_tree DIGEST COMMAND...: COMMAND fills the folder that comes as its last argument.
install_tree() {
  local digest=$1 new there=$root$lab
  shift
  [[ $(cat "$there/installed" 2>/dev/null) != "$digest" ]] || { already lab && return; }
  mkdir -p "$root/opt"
  rm -rf "$root"/opt/.socket-lab.* # of one that was killed
  new=$(mktemp -d "$root/opt/.socket-lab.XXXXXX")
  "$@" "$new"
  chown -R 0:0 "$new"
  chmod -R u=rwX,go=rX "$new"
  if ! "$new/bin/lab-runner" --version >/dev/null; then
    rm -rf "$new"
    could_not "this lab does not run here" "bin/lab-runner --version" "see above" \
      "is it for another architecture than $(uname -m)?"
  fi
  echo "$digest" >"$new/installed"
  rm -rf "$there.old"
  [[ ! -e $there ]] || mv "$there" "$there.old"
  mv "$new" "$there"
  rm -rf "$there.old"
  say "lab: $lab"
  if has_systemd; then systemctl -q try-restart socket-lab-book.service 2>/dev/null || true; fi
}

unpack() { tar -xzf "$1" -C "$2" --strip-components=1 --no-same-owner; }
copy() { cp -a --no-preserve=ownership "$1/." "$2"; }

lab_from_archive() { install_tree "$(sha256sum <"$1")" unpack "$1"; }

lab_from_folder() {
  local digest
  [[ $(readlink -f "$1") != "$root$lab" ]] || { already "lab (this script is in it)" && return; }
  digest=$(cd "$1" && find . -type f ! -path './target/*' -print0 | sort -z | xargs -0 sha256sum |
    sha256sum)
  install_tree "$digest" copy "$1"
}

# Built by whoever called this, so that target/ stays theirs.
lab_from_checkout() {
  local archive command=("$1/classroom/release/build")
  [[ -z ${SUDO_USER-} ]] || command=(runuser -u "$SUDO_USER" -- "${command[@]}")
  "${command[@]}" >&2 || could_not "no release was built" "${command[*]}" "see above" \
    "or take an archive that was built elsewhere: --from ARCHIVE"
  archive=$(find "$1/target/release-files" -name "socket-lab-*-$(uname -m)-linux.tar.gz" | sort -V |
    tail -n 1)
  lab_from_archive "$archive"
}
