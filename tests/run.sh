#!/bin/sh
# Installs what is missing, builds, and runs the tests.
#
#   tests/run.sh           every ring but what takes long
#   tests/run.sh --long    what takes longer too: clang with fuzzers, 500 crash rounds, the colony, 500 steps of truth
#   tests/run.sh RING...   only these: lint unit rocksdb integration e2e docker asan tsan clang
#
# Rings are ctest labels of build/dev; asan, tsan and clang are builds of their
# own. Whatever fails, the rest still runs; the last lines say what failed.
set -u

source_dir="$(cd "$(dirname "$0")/.." && pwd)"
cd "$source_dir" || exit 1
jobs="$(nproc)"
failed=""
started="$(date +%s)"

case "${1:-}" in
  -h | --help)
    sed -n '2,9s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac

say() { printf '\n== %s (%s s)\n' "$*" "$(($(date +%s) - started))"; }

# build PRESET [TARGET...]
build() {
  preset="$1"
  shift
  mkdir -p build
  log="build/$preset.log"
  say "build $preset $*"
  if cmake --preset "$preset" >"$log" 2>&1 && cmake --build "build/$preset" ${1:+--target "$@"} >>"$log" 2>&1; then
    return 0
  fi
  grep -E -A12 'FAILED:|error:|CMake Error' "$log" | head -60
  echo "build $preset failed; the whole log is $source_dir/$log"
  failed="$failed build-$preset"
  return 1
}

# tests PRESET CTEST-FLAGS...
tests() {
  preset="$1"
  shift
  say "ctest $preset $*"
  ctest --preset "$preset" -j "$jobs" --no-tests=error "$@" >"build/$preset-tests.log" 2>&1
  code=$?
  if [ "$code" -ne 0 ]; then
    failed="$failed $preset"
    grep -E -B2 -A40 '\*\*\*(Failed|Timeout|Exception)' "build/$preset-tests.log" | head -200
  fi
  # ctest's own closing lines.
  sed -n '/tests passed/,$p' "build/$preset-tests.log"
}

ring() {
  case "$1" in
    lint | unit | rocksdb | integration | e2e | docker)
      build dev && tests dev -L "^$1\$" -LE '^long$'
      ;;
    asan) build asan unit_tests rocksdb_tests && tests asan -L '^(unit|rocksdb)$' ;;
    tsan) build tsan threads_tests && tests tsan -L '^threads$' ;;
    clang) build clang && tests clang -L '^(unit|lint)$' ;;
    *)
      echo "tests/run.sh: no ring '$1'; there are: lint unit rocksdb integration e2e docker asan tsan clang" >&2
      exit 2
      ;;
  esac
}

# What the tests of dev leave idle is enough to start on the sanitizers' builds.
# Whatever is not built at the end of the tests, or fails, is left to their rings.
build_ahead() {
  mkdir -p build
  {
    cmake --preset asan && cmake --build build/asan --target unit_tests rocksdb_tests
    cmake --preset tsan && cmake --build build/tsan --target threads_tests
  } >build/ahead.log 2>&1
}

everything() {
  if build dev; then
    nice -n 19 setsid sh "$source_dir/tests/run.sh" --build-ahead &
    ahead=$!
    tests dev -LE '^long$'
    kill -- "-$ahead" 2>/dev/null
    wait "$ahead" 2>/dev/null
  fi
  ring asan
  ring tsan
}

if [ "${1:-}" = --build-ahead ]; then
  build_ahead
  exit
fi
deploy/install-packages.sh test || exit 1
# Without an engine the container tests say that they are skipped.
if command -v dockerd >/dev/null 2>&1; then deploy/install-packages.sh docker || exit 1; fi
command -v cargo >/dev/null 2>&1 || {
  echo "tests/run.sh: no cargo on PATH; install Rust first: https://rustup.rs" >&2
  exit 1
}
case "${1:-}" in
  "") everything ;;
  --long)
    everything
    ring clang
    tests dev -L '^long$'
    ;;
  *) for name in "$@"; do ring "$name"; done ;;
esac

say "done"
if [ -n "$failed" ]; then
  echo "FAILED:$failed"
  exit 1
fi
echo "all passed"
