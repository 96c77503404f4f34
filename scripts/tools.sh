#!/usr/bin/env bash
# Puts in place what the Makefile's targets need and the machine lacks.
#
#   scripts/tools.sh cargo NAME VERSION     a cargo subcommand, for this user
#   scripts/tools.sh system COMMAND PACKAGE [OPTION]
#                                           a command of the system, from Debian's PACKAGE (by apt when root)
#   scripts/tools.sh python [FILE]          the tests' Python environment, or the one of another list of packages
#                                           (requirements-scan.txt); prints the path of its interpreter
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/dossier"

say() { printf '%s\n' "$*" >&2; }

# What is installed for tests is not started by the system as well (a web server on port 80): policy-rc.d(8).
stay_stopped() {
  local policy=/usr/sbin/policy-rc.d
  [ -e "$policy" ] && return 0
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  # shellcheck disable=SC2064
  trap "rm -f '$policy'" EXIT
}

# A package by apt when root; otherwise one line that says what to install.
apt_package() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing $1 by apt"
    stay_stopped
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$@" >&2 ||
      { apt-get update -q >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$@" >&2; }
  else
    say "needed: system package $1; install it as root: apt-get install $1"
    return 1
  fi
}

system() {
  command -v "$1" >/dev/null || apt_package "${@:2}"
}

# Two targets started at once must not build the same tool twice, hence the lock.
cargo_tool() {
  mkdir -p "$cache"
  exec 9>"$cache/tools.lock"
  flock 9
  export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
  command -v "$1" >/dev/null && return 0
  say "installing $1 $2 for this user (once, some minutes)"
  CARGO_TARGET_DIR="$cache/tools" cargo install --locked "$1" --version "$2" >&2
}

# The environment is named after what is in it, so a changed requirements.txt makes a new one. It counts only once
# the marker is there: an interrupted installation is made again.
python() {
  local base sum venv list="$here/${1:-requirements.txt}"
  base=$(command -v "${PYTHON:-python3}" || true)
  if [ -z "$base" ]; then
    apt_package python3
    base=$(command -v python3)
  fi
  "$base" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { say "needed: Python 3.11 or newer; set PYTHON to one"; return 1; }
  sum=$({ "$base" -VV; cat "$list"; } | sha256sum | cut -c1-12)
  venv="$cache/venv-$sum"
  if [ ! -e "$venv/complete" ]; then
    mkdir -p "$cache"
    exec 8>"$cache/venv.lock"
    flock 8
  fi
  if [ ! -e "$venv/complete" ]; then
    "$base" -c 'import ensurepip, venv' 2>/dev/null || apt_package python3-venv
    say "making a Python environment of ${list##*/} (once)"
    rm -rf "$venv"
    "$base" -m venv "$venv" >&2
    "$venv/bin/python" -m pip install -q --disable-pip-version-check -r "$list" >&2
    touch "$venv/complete"
  fi
  printf '%s\n' "$venv/bin/python"
}

case "${1:-}" in
  cargo) cargo_tool "$2" "$3" ;;
  system) system "${@:2}" ;;
  python) python "${2:-}" ;;
  *) say "usage: $0 cargo NAME VERSION | system COMMAND PACKAGE [OPTION] | python [FILE]"; exit 2 ;;
esac
