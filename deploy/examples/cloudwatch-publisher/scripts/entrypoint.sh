#!/usr/bin/env bash
# Publishes at the start and then as SCHEDULE says, until SIGTERM or SIGINT.
#
# There is no crond here: those of Alpine change users for each job and so have to be root, and
# supercronic is not in Alpine 3.19. croniter understands the expression, this loop waits.
set -euo pipefail
# shellcheck source=deploy/examples/cloudwatch-publisher/scripts/common.sh
. /scripts/common.sh
check_settings

child=""
stop() {
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true
  log INFO "stopped"
  exit 0
}
trap stop TERM INT

# In the background and waited for, so that a signal is handled at once.
run() {
  "$@" &
  child=$!
  wait "$child" || true
  child=""
}

log INFO "publishing to namespace $NAMESPACE in $AWS_REGION, schedule '$SCHEDULE' (UTC), dimensions $DIMENSIONS"
run /scripts/publish.sh "$(date -u +%s)"
while true; do
  next=$(python3 /scripts/next_run.py "$SCHEDULE")
  pause=$((next - $(date -u +%s)))
  run sleep "$((pause > 0 ? pause : 0))"
  run /scripts/publish.sh "$next"
done
