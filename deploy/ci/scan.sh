#!/usr/bin/env bash
# Fails if an image has a known vulnerability that is CRITICAL or HIGH.
#
#   deploy/ci/scan.sh IMAGE
set -euo pipefail

command -v trivy >/dev/null 2>&1 || { echo "scan.sh: trivy is not installed" >&2; exit 2; }
trivy image --exit-code 1 --severity CRITICAL,HIGH --ignore-unfixed --no-progress "$1"
