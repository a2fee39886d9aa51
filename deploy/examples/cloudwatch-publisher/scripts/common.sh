# Sourced by entrypoint.sh and publish.sh: settings, their checks, the log.
# shellcheck shell=bash
export TZ=UTC
export AWS_REGION=${AWS_REGION:-ap-southeast-2}
export AWS_DEFAULT_REGION=$AWS_REGION AWS_PAGER=""
NAMESPACE=${NAMESPACE:-Depcache}
SCHEDULE=${SCHEDULE:-* * * * *}
DIMENSIONS=${DIMENSIONS:-Server=${DEPCACHE_SERVER:-local}}
MAX_ATTEMPTS=${MAX_ATTEMPTS:-4}
BACKOFF_SECONDS=${BACKOFF_SECONDS:-1}
STATS_COMMAND=${STATS_COMMAND:-depcache-client stats --json}
# figure:metric:unit, for each field of the statistics that is published.
METRICS=${METRICS:-hits:Hits:Count misses:Misses:Count bytes_served:BytesServed:Bytes compile_seconds_saved:CompileSecondsSaved:Seconds disk_bytes:DiskUsed:Bytes}

log() {
  local level=$1
  shift
  printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$level" "$*"
}

# Ends the script with code 2 and a line that names the variable.
invalid() { log ERROR "$*"; exit 2; }

check_settings() {
  local entry
  [[ $AWS_REGION =~ ^[a-z]{2}(-[a-z]+)+-[0-9]+$ ]] || invalid "AWS_REGION is no region: '$AWS_REGION'"
  [[ $NAMESPACE =~ ^[A-Za-z0-9._/#:-]{1,255}$ && $NAMESPACE != AWS/* ]] || invalid "NAMESPACE is not allowed: '$NAMESPACE'"
  [[ $MAX_ATTEMPTS =~ ^[1-9][0-9]?$ ]] || invalid "MAX_ATTEMPTS is no number from 1 to 99: '$MAX_ATTEMPTS'"
  [[ $BACKOFF_SECONDS =~ ^[0-9]+$ ]] || invalid "BACKOFF_SECONDS is no number: '$BACKOFF_SECONDS'"
  for entry in $METRICS; do
    [[ $entry =~ ^[a-z_]+:[A-Za-z0-9_]+:[A-Za-z/]+$ ]] || invalid "METRICS has an entry that is not figure:metric:unit: '$entry'"
  done
  for entry in ${DIMENSIONS//,/ }; do
    [[ $entry =~ ^[^=]+=.+$ ]] || invalid "DIMENSIONS has an entry that is not name=value: '$entry'"
  done
  python3 /scripts/next_run.py "$SCHEDULE" >/dev/null 2>&1 || invalid "SCHEDULE is no cron expression: '$SCHEDULE'"
  if [[ $STATS_COMMAND == depcache-client* && -z ${DEPCACHE_SERVER:-} ]]; then
    invalid "DEPCACHE_SERVER is not set: which server's figures?"
  fi
  if [[ -n ${DEPCACHE_TOKEN_FILE:-} && ! -r $DEPCACHE_TOKEN_FILE ]]; then
    invalid "DEPCACHE_TOKEN_FILE cannot be read: '$DEPCACHE_TOKEN_FILE'"
  fi
}
