#!/usr/bin/env bash
# Makes the base images of our Dockerfiles where no registry can be pulled from.
#
#   tests/docker/make-stand-in-images.sh [--force] [IMAGE...]     default: all of them
#
# None of them is the real thing. Each is made of Debian 12 packages and carries the name that a
# Dockerfile asks for, so that the Dockerfile which is shipped is the one which is tested:
#
#   debian:bookworm-slim           debootstrap's minbase
#   rust:<version>-slim-bookworm   the above, gcc, and the Rust toolchain of this machine (no rustup, so no
#                                  `rustup target add`: x86_64-unknown-linux-musl is there only if it is here)
#   gcr.io/distroless/cc           unpacked: libc6, libgcc-s1, libstdc++6, libgomp1, libssl3, ca-certificates,
#                                  tzdata; no shell. `:nonroot` runs as 65532. What the real one holds too.
#   alpine:3.19                    NOT musl and not small: Debian with busybox's adduser and addgroup, and an
#                                  `apk` that installs the Debian packages of those names
#   alpine:3.17.0                  the same under another name
#   golang:1.19                    Debian's golang-go (1.19) on debian:bookworm-slim
#
# The authorities trusted are those of this machine, for proxies which sign with their own.
# Images that are there already are kept, also real ones; --force makes them again.
# DOCKER names the docker command (default /usr/bin/docker if it is there, else docker).
set -euo pipefail

docker=${DOCKER:-$([ -x /usr/bin/docker ] && echo /usr/bin/docker || echo docker)}
export DOCKER_BUILDKIT=1
here=$(cd "$(dirname "$0")" && pwd)
rust_version=$(rustc -V | sed 's/^rustc \([0-9]*\.[0-9]*\)\..*/\1/')
rust_image=rust:$rust_version-slim-bookworm
ca_file=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
work=$(mktemp -d "${TMPDIR:-/tmp}/stand-ins.XXXXXX")
trap 'rm -rf "$work"' EXIT

say() { printf 'stand-ins: %s\n' "$*"; }

mirror() {
  local found
  found=$(awk '/^URIs:/ {print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
  echo "${found:-http://deb.debian.org/debian}"
}

make_debian() {
  debootstrap --variant=minbase --include=ca-certificates bookworm "$work/debian" "$(mirror)" >"$work/log" 2>&1 ||
    { tail -5 "$work/log" >&2; return 1; }
  rm -rf "$work"/debian/var/cache/apt/archives/*.deb "$work"/debian/var/lib/apt/lists/* \
    "$work"/debian/usr/share/{doc,man,locale,info}/*
  cp "$ca_file" "$work/debian/etc/ssl/certs/ca-certificates.crt"
  tar -C "$work/debian" -c . |
    "$docker" import -c 'CMD ["bash"]' -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
      - debian:bookworm-slim >/dev/null
}

make_rust() {
  need debian:bookworm-slim
  mkdir -p "$work/rust"
  cp -r "$(rustc --print sysroot)" "$work/rust/toolchain"
  rm -rf "$work"/rust/toolchain/{share,etc,lib/rustlib/src} "$work"/rust/toolchain/bin/{*miri*,rust-analyzer,rls}
  cp "$here/stand-ins/rust.Dockerfile" "$work/rust/Dockerfile"
  cp "$ca_file" "$work/rust/ca-certificates.crt"
  "$docker" build -q -t "$rust_image" "$work/rust" >/dev/null
}

make_distroless() {
  local root=$work/cc/root
  mkdir -p "$work/cc/debs" "$root"
  (cd "$work/cc/debs" && apt-get download -qq libc6 libgcc-s1 libstdc++6 libgomp1 libssl3 gcc-12-base \
    ca-certificates tzdata netbase base-files 2>/dev/null)
  for deb in "$work"/cc/debs/*.deb; do dpkg-deb -x "$deb" "$root"; done
  rm -rf "$root"/usr/share/{doc,man,lintian,bug} "$root"/usr/lib/x86_64-linux-gnu/gconv "$root"/usr/share/zoneinfo/right
  mkdir -p "$root"/etc/ssl/certs "$root"/home/nonroot "$root"/tmp
  chmod 1777 "$root/tmp"
  cp "$ca_file" "$root/etc/ssl/certs/ca-certificates.crt"
  printf '%s\n' 'root:x:0:0:root:/root:/sbin/nologin' 'nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin' \
    'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'nobody:x:65534:' 'nonroot:x:65532:' >"$root/etc/group"
  chown 65532:65532 "$root/home/nonroot"
  local env='ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'
  tar -C "$root" -c . | "$docker" import -c "$env" - gcr.io/distroless/cc:latest >/dev/null
  tar -C "$root" -c . | "$docker" import -c "$env" -c 'USER 65532:65532' -c 'WORKDIR /home/nonroot' \
    - gcr.io/distroless/cc:nonroot >/dev/null
}

make_alpine() {
  need debian:bookworm-slim
  mkdir -p "$work/alpine"
  cp "$here"/stand-ins/{alpine.Dockerfile,apk,busybox-user} "$work/alpine/"
  "$docker" build -q -t alpine:3.19 -f "$work/alpine/alpine.Dockerfile" "$work/alpine" >/dev/null
}

make_old_alpine() {
  need alpine:3.19
  "$docker" tag alpine:3.19 alpine:3.17.0
}

make_golang() {
  need debian:bookworm-slim
  mkdir -p "$work/golang"
  cp "$here/stand-ins/golang.Dockerfile" "$work/golang/Dockerfile"
  "$docker" build -q -t golang:1.19 "$work/golang" >/dev/null
}

declare -A makers=([debian:bookworm-slim]=make_debian [$rust_image]=make_rust
  [gcr.io/distroless/cc]=make_distroless [alpine:3.19]=make_alpine
  [alpine:3.17.0]=make_old_alpine [golang:1.19]=make_golang)
declare -A made=() forced=()

# Makes one image unless it is there (or was made by this run).
need() {
  local image=$1
  [ -z "${made[$image]:-}" ] || return 0
  if [ -z "${forced[$image]:-}" ] && "$docker" image inspect "$image" >/dev/null 2>&1; then return 0; fi
  local start=$SECONDS
  "${makers[$image]}"
  made[$image]=yes
  say "made $image in $((SECONDS - start)) s"
}

is_forced=""
if [ "${1:-}" = --force ]; then is_forced=yes; shift; fi
[ $# -gt 0 ] || set -- debian:bookworm-slim "$rust_image" gcr.io/distroless/cc alpine:3.19 alpine:3.17.0 \
  golang:1.19
for image in "$@"; do
  if [ -n "$is_forced" ]; then forced[$image]=yes; fi
  [ -n "${makers[$image]:-}" ] || { say "no stand-in for $image; there are: ${!makers[*]}" >&2; exit 2; }
  need "$image"
done
