#!/usr/bin/env bash
# A MariaDB for tests, with everything that is its own in one folder. One of the system is neither read nor touched.
#
#   scripts/mariadb.sh start DIR   starts it unless it runs, waits until it answers, prints its address
#   scripts/mariadb.sh stop DIR    ends it and waits until it has ended; the data stays
#
# DOSSIER_MARIADB_OPTIONS: more options for the server, with spaces between them.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PATH="$PATH:/usr/sbin:/usr/local/sbin"

say() { printf '%s\n' "$*" >&2; }

# The process of this folder: a number in a file alone may belong to another one by now.
running() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  ps -ww -o args= -p "$pid" 2>/dev/null | grep -qF -- "--datadir=$1/data " && printf '%s\n' "$pid"
}

answers() {
  mariadb --no-defaults --protocol=tcp --host=127.0.0.1 --port="$1" --user=root --connect-timeout=2 \
    --execute='SELECT 1' >/dev/null 2>&1
}

# Made beside its place and put there when complete, so that an interrupted one is made again.
initialise() {
  local dir=$1
  shift
  [ -d "$dir/data" ] && return 0
  rm -rf "$dir/new"
  mkdir -p "$dir/tmp"
  mariadb-install-db --no-defaults "$@" --datadir="$dir/new" --tmpdir="$dir/tmp" --auth-root-authentication-method=normal \
    --skip-test-db --skip-name-resolve >"$dir/install.log" 2>&1 ||
    { tail -n 5 "$dir/install.log" >&2; say "no database could be made: see $dir/install.log"; return 1; }
  mv "$dir/new" "$dir/data"
}

launch() {
  local dir=$1 port=$2
  shift 2
  rm -f "$dir/pid"
  mkdir -p "$dir/tmp"
  # In a session of its own: Ctrl C at a test is not for it. The lock of `start` is not handed on.
  setsid mariadbd --no-defaults "$@" --datadir="$dir/data" --tmpdir="$dir/tmp" --socket=mariadb.sock --pid-file="$dir/pid" \
    --bind-address=127.0.0.1 --port="$port" --skip-name-resolve --character-set-server=utf8mb4 \
    --innodb-flush-log-at-trx-commit=1 --max-allowed-packet=64M --max-connections=500 \
    --innodb-buffer-pool-size=256M ${DOSSIER_MARIADB_OPTIONS:-} --skip-log-bin --secure-file-priv="$dir/data" >"$dir/log" 2>&1 </dev/null 9>&- &
}

start() {
  local dir port server attempt user=()
  # Without what is recommended: that would be a database of the system, started at once.
  "$here/tools.sh" system mariadbd mariadb-server-core --no-install-recommends
  "$here/tools.sh" system mariadb mariadb-client-core --no-install-recommends
  mkdir -p "$1"
  dir=$(cd "$1" && pwd)
  exec 9>"$dir/lock"
  flock 9
  if running "$dir" >/dev/null && port=$(cat "$dir/port") && answers "$port"; then
    printf 'mysql://root@127.0.0.1:%s\n' "$port"
    return 0
  fi
  [ "$(id -u)" != 0 ] || user=(--user=root)
  initialise "$dir" "${user[@]}"
  # A port that another one takes in the same moment ends the server at once: another port is tried.
  for attempt in {1..20}; do
    # One that is started again stays where it was, as long as nobody else is there.
    port=$(cat "$dir/port" 2>/dev/null) && [ "$attempt" = 1 ] || port=$((20000 + RANDOM % 12000))
    launch "$dir" "$port" "${user[@]}"
    server=$!
    printf '%s\n' "$port" >"$dir/port"
    for _ in {1..600}; do
      kill -0 "$server" 2>/dev/null || continue 2
      # Somebody else's server may answer on that port: it has to be this one.
      if [ -s "$dir/pid" ] && answers "$port"; then
        printf 'mysql://root@127.0.0.1:%s\n' "$port"
        return 0
      fi
      sleep 0.1
    done
    kill -TERM "$server"
    break
  done
  tail -n 5 "$dir/log" >&2
  say "the database did not start: see $dir/log"
  return 1
}

stop() {
  local dir pid
  dir=$(cd "$1" 2>/dev/null && pwd) || return 0
  pid=$(running "$dir") || return 0
  kill -TERM "$pid"
  for _ in {1..600}; do
    running "$dir" >/dev/null || return 0
    sleep 0.1
  done
  say "the database does not end: process $pid"
  return 1
}

case "${1:-} ${2:+DIR}" in
  'start DIR') start "$2" ;;
  'stop DIR') stop "$2" ;;
  *) say "usage: $0 start DIR | stop DIR"; exit 2 ;;
esac
