"""Stops a cold cook at a known place: within the compile of one crate."""
import os
import select

REACH_SECONDS = 300


class Hold:
    """Give `variables` to a run; the compile of `crate` then waits for release()."""

    def __init__(self, folder, crate):
        self._fifo = folder / f"hold-{crate}"
        self.variables = {"E2E_HOLD": crate, "E2E_HOLD_FIFO": self._fifo}
        # Open for both directions, so that nobody waits for the other side to open.
        self._reached = self._open(self._fifo)
        self._go = self._open(self._fifo.with_name(self._fifo.name + ".go"))

    @staticmethod
    def _open(fifo):
        os.mkfifo(fifo)
        return os.open(fifo, os.O_RDWR)

    def wait_until_reached(self):
        if not select.select([self._reached], [], [], REACH_SECONDS)[0]:
            raise TimeoutError(f"{self._fifo.name} was never reached")
        os.read(self._reached, 64)

    def release(self):
        os.write(self._go, b"\n")

    def close(self):
        os.close(self._reached)
        os.close(self._go)
