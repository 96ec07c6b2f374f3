"""A box between volunteers and the egress, as a load balancer or an address translator is one: it forwards relay legs and
cuts them when told to. It remembers who ended each leg, and what a client said first on it.

    with ForwardedChain([…]) as chain:
        chain.forwarder.cut(chain.forwarder.open_legs())
"""
import socket
import threading

import raw_websocket
from chain import LOOPBACK, Chain
from connections import serve_each

BUFFER = 64 * 1024  # bytes in each socket and of each read: a box in between is not the queue that is measured
MOST_FIRST = 8192   # bytes of what is remembered


class Leg:
    """One connection from a volunteer, and the one to the egress that belongs to it."""

    def __init__(self, number, volunteer_side, egress_side):
        self.number = number
        self.volunteer_side, self.egress_side = volunteer_side, egress_side
        self.ended_by = None   # "cut", "volunteer" or "egress": who was first
        self.first_up = b""    # the first bytes of the volunteer
        self.lock = threading.Lock()

    def end(self, who):
        with self.lock:
            self.ended_by = self.ended_by or who
        for side in (self.volunteer_side, self.egress_side):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def pump(self, source, sink, who):
        try:
            while data := source.recv(BUFFER):
                if who == "volunteer" and len(self.first_up) < MOST_FIRST:
                    self.first_up += data
                sink.sendall(data)
        except OSError:
            pass
        self.end(who)

    def first_messages(self):
        """The first messages that came through the volunteer, as the client sent them."""
        _, _, frames = self.first_up.partition(b"\r\n\r\n")
        reader = raw_websocket.Connection(socket.socket(), frames)
        with reader:
            found = []
            while taken := reader._take_frame():
                found.append(taken[1])
            return found


class Forwarder:
    def __init__(self, egress_port):
        self.egress_port = egress_port
        self.legs = []  # in the order in which they came
        self.listener = socket.socket()
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):  # its connections inherit them
            self.listener.setsockopt(socket.SOL_SOCKET, option, BUFFER)
        self.listener.bind((LOOPBACK, 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        serve_each(self.listener, self._serve)

    def _serve(self, volunteer_side):
        egress_side = socket.socket()
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            egress_side.setsockopt(socket.SOL_SOCKET, option, BUFFER)
        try:
            egress_side.connect((LOOPBACK, self.egress_port))
        except OSError:  # the egress is down: so are we
            return volunteer_side.close()
        for side in (volunteer_side, egress_side):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        leg = Leg(len(self.legs), volunteer_side, egress_side)
        self.legs.append(leg)
        down = threading.Thread(target=leg.pump, args=(egress_side, volunteer_side, "egress"), daemon=True)
        down.start()
        leg.pump(volunteer_side, egress_side, "volunteer")
        down.join()
        volunteer_side.close()
        return egress_side.close()

    def open_legs(self):
        """Oldest first."""
        return [leg for leg in self.legs if leg.ended_by is None]

    def cut(self, legs):
        for leg in legs:
            leg.end("cut")

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut(self.open_legs())


class ForwardedChain(Chain):
    """A chain whose legs all go through a Forwarder."""

    forwarder = None

    def start_broker(self, port=0):
        if self.forwarder is None:
            self.forwarder = Forwarder(self.egress_program.port)
        return super().start_broker(port)

    @property
    def relay_url(self):
        return f"ws://{LOOPBACK}:{self.forwarder.port}/leg"

    def __exit__(self, kind, error, trace):
        try:
            return super().__exit__(kind, error, trace)
        finally:
            self.forwarder.close()
