#!/bin/sh
# Installs the Debian 12 packages that depcache is built, tested and measured
# with; only those that are missing, so a second run returns at once.
#
#   deploy/install-packages.sh [build|test|docker]...     default: build
#
# Needs root or sudo. Prints each package before it installs anything.
set -eu

build_packages="cmake ninja-build ccache g++ pkg-config git ca-certificates
  libgrpc++-dev libgrpc-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libc-ares-dev
  libre2-dev librocksdb-dev libabsl-dev libspdlog-dev libfmt-dev libssl-dev libtomlplusplus-dev
  libcli11-dev nlohmann-json3-dev libzstd-dev libxxhash-dev libarchive-dev libelf-dev zlib1g-dev libacl1-dev liblz4-dev
  libbz2-dev liblzma-dev libxml2-dev nettle-dev
  prometheus-cpp-dev"
test_packages="clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev lld libgtest-dev libgmock-dev
  libbenchmark-dev python3 shellcheck util-linux procps binutils curl openssl zstd time golang-go"
docker_packages="debootstrap docker.io docker-compose docker-registry awscli golang-go systemd"

usage() { sed -n '2,7s/^# \{0,1\}//p' "$0"; }

wanted=""
[ $# -gt 0 ] || set -- build
for group in "$@"; do
  case "$group" in
    build) wanted="$wanted $build_packages" ;;
    test) wanted="$wanted $build_packages $test_packages" ;;
    docker) wanted="$wanted $docker_packages" ;;
    -h | --help) usage; exit 0 ;;
    *) echo "install-packages.sh: unknown group '$group' (build, test or docker)" >&2; exit 2 ;;
  esac
done

missing=""
for package in $wanted; do
  case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)" in
    "install ok installed") ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "install-packages.sh: these packages are missing and this user is not root (nor is sudo there):" >&2
    echo " $missing" >&2
    echo "As root: apt-get install$missing" >&2
    exit 1
  fi
  as_root="sudo"
fi
echo "Installing from Debian:$missing"
install_missing() {
  # shellcheck disable=SC2086  # the list is words
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >"$log" 2>&1
}
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
$as_root apt-get update -q >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
install_missing || { tail -40 "$log" >&2; echo "install-packages.sh: apt-get install failed (see above)" >&2; exit 1; }
