"""Serving TCP connections one thread each, for websites and relays that no library's server fits."""
import threading


def serve_each(listener, serve):
    """Calls serve(connection) in a thread of its own for every connection, until `listener` is closed."""

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
