#!/usr/bin/env bash
# Pushes an image to ECR, as the commit and as latest. Needs credentials of AWS.
#
#   AWS_REGION=us-east-1 REPOSITORY=tasky deploy/examples/tasky/ci/push.sh TAG
set -euo pipefail

tag=${1:?usage: push.sh TAG}
region=${AWS_REGION:?AWS_REGION is not set}
repository=${REPOSITORY:?REPOSITORY is not set}
account=$(aws sts get-caller-identity --query Account --output text)
registry=$account.dkr.ecr.$region.amazonaws.com
aws ecr get-login-password --region "$region" | docker login --username AWS --password-stdin "$registry"
for name in "${tag##*:}" latest; do
  docker tag "$tag" "$registry/$repository:$name"
  docker push "$registry/$repository:$name"
done
