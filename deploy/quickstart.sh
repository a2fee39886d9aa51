#!/bin/sh
# Shows depcache on one machine: builds it, starts a server, compiles the
# dependencies of a workspace once, restores them in a second checkout at
# another path with an empty CARGO_HOME, and builds that offline.
#
#   deploy/quickstart.sh [WORKSPACE [COOK-FLAGS...]]
#
# WORKSPACE is any Cargo workspace with a Cargo.lock (default: the colony of
# tests/workspaces, in release). Everything it makes lies under .quickstart in
# this checkout, or under $DEPCACHE_QUICKSTART_DIR; a second run keeps what is
# there. --fresh as the first argument starts from nothing. --stop stops the
# server that an earlier run left.
set -eu

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
fail() {
  printf 'quickstart: %s\n' "$*" >&2
  exit 1
}

source_dir="$(cd "$(dirname "$0")/.." && pwd)"
folder="${DEPCACHE_QUICKSTART_DIR:-$source_dir/.quickstart}"
build="$source_dir/build/release"
client="$build/bin/depcache-client"
server="$build/bin/depcache-server"

stop_server() {
  [ -f "$folder/server.pid" ] || return 0
  pid="$(cat "$folder/server.pid")"
  # Only if it is still ours: numbers are used again.
  if [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = "$server" ]; then
    kill "$pid"
    while [ -d "/proc/$pid" ] && [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = "$server" ]; do sleep 0.1; done
  fi
  rm -f "$folder/server.pid"
}

case "${1:-}" in
  -h | --help)
    sed -n '2,14s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
  --stop)
    stop_server
    exit 0
    ;;
  --fresh)
    shift
    stop_server
    rm -rf "$folder"
    ;;
  -*) fail "unknown option $1; see $0 --help" ;;
esac

workspace="$source_dir/tests/workspaces/colony"
if [ $# -gt 0 ]; then
  workspace="$(cd "$1" 2>/dev/null && pwd)" || fail "no folder $1"
  shift
elif [ $# -eq 0 ]; then
  # Not gui: a desktop program is no part of the images.
  set -- -p backend -p coordinator
fi
[ -f "$workspace/Cargo.toml" ] || fail "$workspace has no Cargo.toml"
[ -f "$workspace/Cargo.lock" ] || fail "$workspace has no Cargo.lock; run: cargo generate-lockfile"

check_tools() {
  command -v cargo >/dev/null 2>&1 || fail "no cargo on PATH; install Rust first: https://rustup.rs"
  "$source_dir/deploy/install-packages.sh" build
}

build_depcache() {
  log="$folder/build.log"
  if ! { cmake -S "$source_dir" --preset release -DDEPCACHE_BUILD_TESTS=OFF &&
    cmake --build "$build" --target depcache-client depcache-server; } >"$log" 2>&1; then
    tail -30 "$log" >&2
    fail "the build failed; the whole log is $log"
  fi
  say "$("$client" version | head -1), products in $build/bin"
}

start_server() {
  stop_server
  "$server" --listen 127.0.0.1:0 --data "$folder/server" >"$folder/server.out" 2>"$folder/server.log" &
  echo $! >"$folder/server.pid"
  tries=0
  until grep -q 'listens on' "$folder/server.out"; do
    kill -0 "$(cat "$folder/server.pid")" 2>/dev/null || {
      cat "$folder/server.log" >&2
      fail "the server did not start"
    }
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || fail "the server did not answer in 30 s; see $folder/server.log"
    sleep 0.1
  done
  port="$(sed -n 's/.*(port \([0-9]*\)).*/\1/p' "$folder/server.out")"
  export DEPCACHE_SERVER="127.0.0.1:$port"
  say "depcache-server on $DEPCACHE_SERVER, its store in $folder/server"
}

# copy_checkout TO: the workspace without its build folders.
copy_checkout() {
  rm -rf "$1"
  mkdir -p "$1"
  (cd "$workspace" && tar -cf - --exclude=./target --exclude=./.git .) | tar -xf - -C "$1"
}

# number FILE KEY: the first number of that name in a summary of --json.
number() { sed -n "s/^ *\"$2\": \([0-9.]*\),\{0,1\}\$/\1/p" "$1" | head -1; }
word() { sed -n "s/^ *\"$2\": \"\([^\"]*\)\",\{0,1\}\$/\1/p" "$1" | head -1; }
mib() { echo "$(($1 / 1048576)) MiB"; }

# cook USER CHECKOUT SUMMARY FLAGS...: each user has a folder for CARGO_HOME and
# caches, so that nothing comes from the other's checkout: all from the server.
cook() {
  user="$1" checkout="$2" summary="$3"
  shift 3
  mkdir -p "$user/cargo-home"
  (cd "$checkout" && CARGO_HOME="$user/cargo-home" XDG_CACHE_HOME="$user/cache" "$client" cook --release "$@" --json >"$summary") ||
    fail "cook failed; its summary is $summary"
}

run_first() {
  copy_checkout "$folder/first/checkout"
  cook "$folder/first" "$folder/first/checkout" "$folder/first/last.json" "$@"
  # A later run finds everything; the figures of the cold one are kept.
  if [ "$(number "$folder/first/last.json" built)" != 0 ] || [ ! -f "$folder/first/cold.json" ]; then
    cp "$folder/first/last.json" "$folder/first/cold.json"
  fi
}

run_second() {
  rm -rf "$folder/second"
  checkout="$folder/second/another path/checkout"
  copy_checkout "$checkout"
  cook "$folder/second" "$checkout" "$folder/second/restored.json" "$@"
  [ "$(word "$folder/second/restored.json" result)" = hit ] ||
    fail "the second checkout was no hit; see $folder/second/restored.json"
  say "cargo build --release --offline $*"
  (cd "$checkout" && CARGO_HOME="$folder/second/cargo-home" \
    cargo build --release --offline "$@" 2>"$folder/second/build.log") || {
    tail -20 "$folder/second/build.log" >&2
    fail "the offline build failed; the whole log is $folder/second/build.log"
  }
  compiled="$(sed -n 's/^ *Compiling \([^ ]*\).*/\1/p' "$folder/second/build.log" | tr '\n' ' ')"
}

table() {
  cold="$folder/first/cold.json" hit="$folder/second/restored.json"
  printf '\n%-34s %s s\n' "first checkout, cold" "$(number "$cold" total)"
  printf '%-34s %s\n' "  units compiled and shared" "$(number "$cold" built), $(number "$cold" shared)"
  printf '%-34s %s\n' "  sent to the server" "$(mib "$(number "$cold" sent)")"
  printf '%-34s %s s\n' "second checkout, restored" "$(number "$hit" total)"
  printf '%-34s %s of %s\n' "  units restored" "$(number "$hit" restored)" "$(number "$hit" planned)"
  printf '%-34s %s, %s\n' "  received, written" "$(mib "$(number "$hit" received)")" "$(mib "$(number "$hit" written)")"
  printf '%-34s %s\n' "  then compiled by cargo --offline" "${compiled:-nothing}"
}

mkdir -p "$folder"
step "1/5 packages"
check_tools
step "2/5 build of depcache (release)"
build_depcache
step "3/5 server"
start_server
step "4/5 first checkout: $folder/first/checkout"
run_first "$@"
step "5/5 second checkout: other path, empty CARGO_HOME, empty target"
run_second "$@"
table

cat <<EOF2

The server goes on; "$0 --stop" stops it. Everything made lies under
$folder. To use it in a workspace of yours:

  export DEPCACHE_SERVER=$DEPCACHE_SERVER PATH=$build/bin:\$PATH
  cd YOUR-WORKSPACE && depcache-client cook && cargo build
  depcache-client doctor           # checks toolchain, server, disk
  depcache-client recipe --trace   # what a recipe is made of
EOF2
