#!/usr/bin/env bash
# Builds the image. DEPCACHE_TOKEN reaches the build as a secret, never as an argument.
#
#   deploy/examples/tasky/ci/build.sh TAG
set -euo pipefail

tag=${1:?usage: build.sh TAG}
here=$(cd "$(dirname "$0")/.." && pwd)
version=$(git -C "$here" describe --tags --always 2>/dev/null || echo dev)
DOCKER_BUILDKIT=1 docker build --network=host \
  --build-arg "VERSION=${VERSION:-$version}" \
  --build-arg "DEPCACHE_SERVER=${DEPCACHE_SERVER:-}" \
  --secret id=depcache_token,env=DEPCACHE_TOKEN \
  -t "$tag" "$here"
