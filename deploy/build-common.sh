# Shared by build-and-push-base.sh and build-and-push-colony.sh, which source it. Each function
# either does what it says or ends the script with an [ERROR] line and exit code 1.
# shellcheck shell=bash

readonly RED='\033[0;31m' GREEN='\033[0;32m' YELLOW='\033[1;33m' PLAIN='\033[0m'
repository_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

AWS_REGION=${AWS_REGION:-eu-west-1}
ECR_REPOSITORY=${ECR_REPOSITORY:-distributed-colony}
ECR_BASE_REPOSITORY=${ECR_BASE_REPOSITORY:-distributed-colony-base}
IMAGE_TAG=${IMAGE_TAG:-latest}
BASE_IMAGE_TAG=${BASE_IMAGE_TAG:-latest}
BUILD_VERSION=${BUILD_VERSION:-$(date -u +%Y%m%d-%H%M%S)}
DEPCACHE_CLIENT_IMAGE=${DEPCACHE_CLIENT_IMAGE:-depcache-client:latest}
base_image=$ECR_BASE_REPOSITORY:$BASE_IMAGE_TAG
# Version 1 of the AWS CLI reads the region from the second name only.
export AWS_REGION AWS_DEFAULT_REGION=$AWS_REGION AWS_PAGER=""

# say COLOUR WORD TEXT...: one line, without colour if NO_COLOR is set.
say() {
  local colour=$1 word=$2
  shift 2
  if [ -n "${NO_COLOR:-}" ]; then
    printf '[%s] %s\n' "$word" "$*"
  else
    printf '%b[%s]%b %s\n' "$colour" "$word" "$PLAIN" "$*"
  fi
}
info() { say "$GREEN" INFO "$@"; }
warning() { say "$YELLOW" WARNING "$@"; }
error() { say "$RED" ERROR "$@" >&2; }
fail() { error "$@"; exit 1; }

# docker and aws of the same process group get the signal too and end first.
trap 'error "Interrupted: nothing was pushed after this point"; exit 130' INT
trap 'error "Terminated: nothing was pushed after this point"; exit 143' TERM

# Sets `workspace` and `build_flags` from the script's arguments: [WORKSPACE] [-- FLAG...].
read_arguments() {
  workspace=${COLONY_WORKSPACE:-$repository_root/tests/workspaces/colony}
  build_flags=()
  if [ $# -gt 0 ] && [ "$1" != -- ]; then workspace=$1; shift; fi
  if [ $# -gt 0 ] && [ "$1" = -- ]; then shift; build_flags=("$@"); fi
  [ -f "$workspace/Cargo.toml" ] || fail "'$workspace' is no Cargo workspace: it has no Cargo.toml"
  [ -f "$workspace/Cargo.lock" ] || fail "'$workspace' has no Cargo.lock; run: cargo generate-lockfile"
}

# Sets `account` and `registry`.
check_aws() {
  command -v aws >/dev/null 2>&1 || fail "AWS CLI is not installed"
  if ! account=$(aws sts get-caller-identity --query Account --output text 2>/dev/null); then
    error "AWS CLI is not configured or credentials are invalid"
    info "Please run: aws configure" >&2
    exit 1
  fi
  registry=$account.dkr.ecr.$AWS_REGION.amazonaws.com
  info "AWS account $account, region $AWS_REGION"
}

check_buildx() {
  docker buildx version >/dev/null 2>&1 || fail "Docker buildx is not available"
}

check_client_image() {
  docker image inspect "$DEPCACHE_CLIENT_IMAGE" >/dev/null 2>&1 && return
  error "Client image '$DEPCACHE_CLIENT_IMAGE' not found locally!"
  info "Please build it first (deploy/README.md), or name another by DEPCACHE_CLIENT_IMAGE:" >&2
  info "  docker build -f deploy/client.Dockerfile -t depcache-client:latest ." >&2
  exit 1
}

check_base_image() {
  docker image inspect "$base_image" >/dev/null 2>&1 && return
  error "Base image '$base_image' not found locally!"
  info "Please build the base image first:" >&2
  info "  ./build-and-push-base.sh" >&2
  echo "Base image '$base_image' not found locally. Please build it first: ./build-and-push-base.sh" >&2
  exit 1
}

lifecycle_policy() {
  cat <<'JSON'
{"rules": [{"rulePriority": 1, "description": "Expire images older than 30 days",
  "selection": {"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 30},
  "action": {"type": "expire"}}]}
JSON
}

# ensure_repository NAME: made if it is absent, else left as it is.
ensure_repository() {
  local name=$1 answer
  if answer=$(aws ecr describe-repositories --repository-names "$name" 2>&1 >/dev/null); then
    info "ECR repository $name exists"
    return
  fi
  case "$answer" in
    *RepositoryNotFoundException*) ;;
    *) echo "$answer" >&2; fail "Cannot look up ECR repository $name" ;;
  esac
  warning "ECR repository $name does not exist; creating it"
  aws ecr create-repository --repository-name "$name" --image-scanning-configuration scanOnPush=true \
    --encryption-configuration encryptionType=AES256 >/dev/null || fail "Cannot create ECR repository $name"
  aws ecr put-lifecycle-policy --repository-name "$name" --lifecycle-policy-text "$(lifecycle_policy)" \
    >/dev/null || fail "Cannot set the lifecycle policy of ECR repository $name"
}

login() {
  local password
  password=$(aws ecr get-login-password) || fail "Cannot get an ECR login"
  docker login --username AWS --password-stdin "$registry" <<<"$password" >/dev/null ||
    fail "Docker cannot log in to $registry"
  info "Logged in to $registry"
}

# build_image DOCKERFILE TAG FLAG...: for linux/amd64, into the local engine. A server on loopback
# is reached through the host's network; the token is a build secret and nothing else.
build_image() {
  local dockerfile=$1 tag=$2 start=$SECONDS
  shift 2
  local flags=(--platform linux/amd64 --load -f "$repository_root/$dockerfile" -t "$tag"
    --build-arg "DEPCACHE_CLIENT_IMAGE=$DEPCACHE_CLIENT_IMAGE" "$@")
  if [ -n "${DEPCACHE_SERVER:-}" ]; then
    flags+=(--build-arg "DEPCACHE_SERVER=$DEPCACHE_SERVER"
      --build-arg "DEPCACHE_ALLOW_PLAINTEXT=${DEPCACHE_ALLOW_PLAINTEXT:-}")
    case "${DEPCACHE_SERVER#*://}" in
      127.* | localhost* | '[::1]'*) flags+=(--network host) ;;
    esac
  fi
  if [ -n "${DEPCACHE_TOKEN_FILE:-}" ]; then
    [ -r "$DEPCACHE_TOKEN_FILE" ] || fail "Cannot read DEPCACHE_TOKEN_FILE '$DEPCACHE_TOKEN_FILE'"
    flags+=(--secret "id=depcache_token,src=$DEPCACHE_TOKEN_FILE")
  fi
  info "Building $tag from $dockerfile, workspace $workspace"
  docker buildx build "${flags[@]}" ${build_flags[@]+"${build_flags[@]}"} "$workspace" ||
    fail "Docker build failed (see above)"
  build_seconds=$((SECONDS - start))
  info "Build completed in ${build_seconds}s"
}

push_image() {
  local start=$SECONDS
  info "Pushing $1"
  docker push "$1" || fail "Docker push failed (see above)"
  push_seconds=$((SECONDS - start))
  info "Push completed in ${push_seconds}s"
}
