"""A TCP relay that counts bytes, and can cut a connection in the middle."""
import socket
import threading

PIECE = 16 << 10


class Proxy:
    """Between a client and a server. `received` counts bytes towards the
    server, `sent` those towards the client. After `cut_after` bytes towards the
    client every connection is broken, `on_cut` runs once, and none is accepted
    any more."""

    def __init__(self, address, cut_after=None, on_cut=lambda: None):
        host, _, port = address.rpartition(":")
        self._to = (host, int(port))
        self._cut_after = cut_after
        self._on_cut = on_cut
        self._lock = threading.Lock()
        self._open = []
        self.received = 0
        self.sent = 0
        self.was_cut = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        with self._lock:
            sockets = [self._listener, *self._open]
            self._open.clear()
        for one in sockets:
            _end(one)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._to)
            except OSError:
                return
            with self._lock:
                self._open += [client, server]
            for source, sink, is_sent in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._relay, args=(source, sink, is_sent), daemon=True).start()

    def _relay(self, source, sink, is_sent):
        try:
            while piece := source.recv(PIECE):
                if self._count(len(piece), is_sent):
                    self._cut()
                    return
                sink.sendall(piece)
        except OSError:
            pass
        _end(source)
        _end(sink)

    def _count(self, size, is_sent):
        """True if this piece is the one to cut at."""
        with self._lock:
            if not is_sent:
                self.received += size
                return False
            self.sent += size
            if self._cut_after is None or self.was_cut or self.sent < self._cut_after:
                return False
            self.was_cut = True
            return True

    def _cut(self):
        self._on_cut()
        self.close()


def _end(one):
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()
