"""What is left of a process group whose leader has ended."""
import os
import pathlib
import select

END_SECONDS = 120


def names_in_group(group):
    """Process id -> name of each process in the group that still runs."""
    names = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            before, _, after = stat.read_text().rpartition(")")
        except OSError:
            continue  # ended meanwhile
        state, _, its_group = after.split()[:3]
        if int(its_group) == group and state not in "ZX":
            names[int(stat.parent.name)] = before.partition("(")[2]
    return names


def wait_for_group(group):
    """Returns when none of them runs. rustc finishes its crate after a Ctrl-C."""
    for process, name in names_in_group(group).items():
        try:
            handle = os.pidfd_open(process)
        except ProcessLookupError:
            continue
        ended = select.select([handle], [], [], END_SECONDS)[0]
        os.close(handle)
        if not ended:
            raise TimeoutError(f"{name} ({process}) does not end")
