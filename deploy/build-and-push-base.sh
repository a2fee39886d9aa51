#!/usr/bin/env bash
# Builds the base image of a Cargo workspace and pushes it to ECR.
#
#   deploy/build-and-push-base.sh [WORKSPACE] [-- DOCKER_BUILD_FLAG...]
#
# The workspace is the colony in this tree unless one is named here or by COLONY_WORKSPACE.
# Variables: AWS_REGION, ECR_BASE_REPOSITORY, BASE_IMAGE_TAG; DEPCACHE_SERVER, DEPCACHE_TOKEN_FILE,
# DEPCACHE_ALLOW_PLAINTEXT, DEPCACHE_CLIENT_IMAGE; NO_COLOR. deploy/README.md says what each does.
# Exit code: 0, 1 with an [ERROR] line, 130 after Ctrl-C.
set -euo pipefail
# shellcheck source=deploy/build-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/build-common.sh"

read_arguments "$@"
check_aws
check_buildx
check_client_image
uri=$registry/$ECR_BASE_REPOSITORY:$BASE_IMAGE_TAG
ensure_repository "$ECR_BASE_REPOSITORY"
login
build_image Dockerfile.base "$base_image"
docker tag "$base_image" "$uri" || fail "Docker cannot tag $uri"
push_image "$uri"
info "Base image built in ${build_seconds}s, pushed in ${push_seconds}s, ${SECONDS}s in all"
info "Local image: $base_image"
info "ECR URI: $uri"
info "Next: ./build-and-push-colony.sh"
