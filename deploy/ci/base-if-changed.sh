#!/usr/bin/env bash
# Builds and pushes the base image if the recipe of the workspace is not the one it was built from:
# a change of sources, versions or comments is none.
#
#   deploy/ci/base-if-changed.sh [WORKSPACE [DOCKER_BUILD_FLAG...]]
#
# BINS (default "backend coordinator") and PACKAGES choose what is built, as in Dockerfile.base; the
# other variables are those of build-and-push-base.sh. Needs depcache-client and cargo.
# The recipe's digest is the image's label depcache.recipe. Exit code: 0, or that of what failed.
set -euo pipefail

deploy=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
workspace=$(cd "${1:-$deploy/../tests/workspaces/colony}" && pwd)
[ $# -eq 0 ] || shift
base=${ECR_BASE_REPOSITORY:-distributed-colony-base}:${BASE_IMAGE_TAG:-latest}
bins=${BINS-backend coordinator}

selection=()
for name in $bins; do selection+=(--bin "$name"); done
for name in ${PACKAGES:-}; do selection+=(--package "$name"); done

recipe=$(mktemp)
trap 'rm -f "$recipe"' EXIT
(cd "$workspace" && depcache-client prepare "${selection[@]}" --recipe-path "$recipe")
digest=$(sha256sum <"$recipe" | cut -c1-64)
built=$(docker image inspect -f '{{index .Config.Labels "depcache.recipe"}}' "$base" 2>/dev/null || true)

if [ "$digest" = "$built" ]; then
  echo "The recipe is that of $base: nothing to do"
  exit 0
fi
echo "The recipe changed: ${built:-no base image} -> $digest"
"$deploy/build-and-push-base.sh" "$workspace" -- --label "depcache.recipe=$digest" \
  --build-arg "BINS=$bins" --build-arg "PACKAGES=${PACKAGES:-}" "$@"
