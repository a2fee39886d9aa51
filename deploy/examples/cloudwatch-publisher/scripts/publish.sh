#!/usr/bin/env bash
# Reads the server's figures once and publishes them; tries again with growing delays.
# publish.sh EPOCH: the time that the datapoints carry. Exit code: 0, or 1 after the last attempt.
set -euo pipefail
# shellcheck source=deploy/examples/cloudwatch-publisher/scripts/common.sh
. /scripts/common.sh

timestamp=$(date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ)

# The figures as put-metric-data wants them. A figure that is missing or no number is an error: half
# a picture would be taken for a whole one.
metric_data() {
  # shellcheck disable=SC2086  # a command with its arguments
  timeout 30 $STATS_COMMAND | jq -ce --arg metrics "$METRICS" --arg dimensions "$DIMENSIONS" --arg time "$timestamp" '
    . as $figures
    | ($dimensions | split(",") | map(split("=") | {Name: .[0], Value: (.[1:] | join("="))})) as $dims
    | $metrics | split(" ") | map(select(. != "") | split(":") as [$figure, $metric, $unit]
        | $figures[$figure] as $value
        | if ($value | type) == "number" then
            {MetricName: $metric, Value: $value, Unit: $unit, Timestamp: $time, Dimensions: $dims}
          else error("the statistics have no number \($figure)") end)'
}

attempt() {
  local data
  data=$(metric_data) || return 1
  timeout 30 aws cloudwatch put-metric-data --namespace "$NAMESPACE" --metric-data "$data" || return 1
  log INFO "published $(jq -r 'map("\(.MetricName)=\(.Value)") | join(" ")' <<<"$data") for $timestamp"
}

delay=$BACKOFF_SECONDS
for ((number = 1; number <= MAX_ATTEMPTS; number++)); do
  if attempt 2>&1; then exit 0; fi
  if ((number < MAX_ATTEMPTS)); then
    log WARNING "attempt $number of $MAX_ATTEMPTS failed; again in $delay s"
    sleep "$delay"
    delay=$((delay * 2))
  fi
done
log ERROR "not published at $timestamp after $MAX_ATTEMPTS attempts"
exit 1
