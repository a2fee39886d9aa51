#!/usr/bin/env bash
# Builds the image of msd-metrics.
#
#   ./build.sh [DOCKER_BUILD_FLAG...]
#
# IMAGE_TAG (latest)    tag of the image
# ECR_REGISTRY          also tags for this registry, e.g. 123456789012.dkr.ecr.us-west-2.amazonaws.com
# SOURCE_DIR            the sources; this folder
# TARGET                platform, default x86_64-unknown-linux-musl; x86_64-unknown-linux-gnu is static too
# DEPCACHE_SERVER       server to restore the dependencies from; DEPCACHE_TOKEN_FILE: its token
# Exit code: 0, or 1 with a line that says what failed. Nothing but the image is left behind.
set -euo pipefail

source_dir=${SOURCE_DIR:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)}
image=msd-metrics:${IMAGE_TAG:-latest}
work=""
is_done=""

cleanup() {
  local code=$?
  [ -z "$work" ] || rm -rf "$work"
  if [ -z "$is_done" ]; then
    echo "build.sh: failed; nothing was tagged" >&2
    [ "$code" -ne 0 ] || code=1
  fi
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() { echo "build.sh: $*" >&2; exit 1; }

[ -d "$source_dir" ] || fail "source directory '$source_dir' does not exist"
for file in Cargo.toml Cargo.lock src/main.rs Dockerfile; do
  [ -f "$source_dir/$file" ] || fail "source directory '$source_dir' has no $file"
done
command -v docker >/dev/null 2>&1 || fail "docker is not installed"

work=$(mktemp -d)
flags=(--iidfile "$work/id" --build-arg "TARGET=${TARGET:-x86_64-unknown-linux-musl}")
if [ -n "${DEPCACHE_SERVER:-}" ]; then
  flags+=(--build-arg "DEPCACHE_SERVER=$DEPCACHE_SERVER")
  case "${DEPCACHE_SERVER#*://}" in
    127.* | localhost* | '[::1]'*) flags+=(--network host) ;;
  esac
fi
if [ -n "${DEPCACHE_TOKEN_FILE:-}" ]; then
  flags+=(--secret "id=depcache_token,src=$DEPCACHE_TOKEN_FILE")
fi
echo "Building $image"
DOCKER_BUILDKIT=1 docker build "${flags[@]}" "$@" "$source_dir" || fail "docker build failed (see above)"
id=$(cat "$work/id")
docker tag "$id" "$image"
if [ -n "${ECR_REGISTRY:-}" ]; then
  docker tag "$id" "$ECR_REGISTRY/$image"
  echo "Tagged $ECR_REGISTRY/$image; push it with: docker push $ECR_REGISTRY/$image"
fi
is_done=yes
echo "Built $image: $(docker image inspect -f '{{.Size}}' "$image") bytes"
