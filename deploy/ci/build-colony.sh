#!/usr/bin/env bash
# Builds the colony image for a scan, and pushes nothing.
#
#   deploy/ci/build-colony.sh IMAGE [WORKSPACE]
#
# Exit code: that of docker.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
image=$1
workspace=${2:-$root/tests/workspaces/colony}
base=${ECR_BASE_REPOSITORY:-distributed-colony-base}:${BASE_IMAGE_TAG:-latest}
docker buildx build --platform linux/amd64 --load -f "$root/Dockerfile" -t "$image" \
  --build-arg "BASE_IMAGE=$base" "$workspace"
