#!/usr/bin/env bash
# Builds the image that runs from the local base image, and pushes it to ECR.
#
#   deploy/build-and-push-colony.sh [WORKSPACE] [-- DOCKER_BUILD_FLAG...]
#
# Never pulls: without the base image on this machine it ends with an error that says so.
# The workspace is the colony in this tree unless one is named here or by COLONY_WORKSPACE.
# Variables: AWS_REGION, ECR_REPOSITORY, IMAGE_TAG, BUILD_VERSION (default: the time),
# ECR_BASE_REPOSITORY, BASE_IMAGE_TAG; NO_COLOR. deploy/README.md says what each does.
# Exit code: 0, 1 with an [ERROR] line, 130 after Ctrl-C.
set -euo pipefail
# shellcheck source=deploy/build-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/build-common.sh"

read_arguments "$@"
check_aws
check_buildx
uri=$registry/$ECR_REPOSITORY:$IMAGE_TAG
check_base_image
ensure_repository "$ECR_REPOSITORY"
login
build_image Dockerfile "$uri" --build-arg "BASE_IMAGE=$base_image" --build-arg "BUILD_VERSION=$BUILD_VERSION"
push_image "$uri"
info "Colony image built in ${build_seconds}s, pushed in ${push_seconds}s, ${SECONDS}s in all"
info "Version: $BUILD_VERSION"
info "ECR URI: $uri"
warning "Remember to deploy the CDK stack so that it runs this image: cdk deploy"
