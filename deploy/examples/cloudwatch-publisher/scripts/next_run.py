#!/usr/bin/env python3
"""next_run.py CRON_EXPRESSION: the next time it means, in UTC, as seconds since 1970."""
import datetime
import sys

from croniter import croniter

now = datetime.datetime.now(datetime.timezone.utc)
print(int(croniter(sys.argv[1], now).get_next(float)))
