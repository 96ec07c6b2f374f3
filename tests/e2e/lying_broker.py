"""A broker that says what a test wants said, in plain rendezvous (proto/rendezvous.proto): real clients make it offers, a
real volunteer polls, and nobody is paired until the test pairs them."""
import collections
import http.server
import os
import threading

from chain import eventually
from rendezvous_request import field, fields

HOLD = 25           # seconds that a request is kept waiting
MOST_AT_ONCE = 3    # assignments of one reply (RDV-B9)
TICKET_BYTES, LEG_TOKEN_BYTES, ID_BYTES = 160, 72, 16
BOTH_FAMILIES = 3
RELAY_REFUSED = 4           # AnswerFailure
DIAL_FAILED = 4             # OutcomeKind: the link was open
REQUEST_POLL, REQUEST_OFFER = 2, 3
RESPONSE_POLL, RESPONSE_OFFER = 4, 5
NO_PROXY = field(2, 1)      # Refusal of a Response

Offer = collections.namedtuple("Offer", "sdp egress capabilities reply")


def _response(*parts):
    return field(1, 1) + b"".join(parts)


class LyingBroker:
    """Serves listening sockets, which are closed with it. One volunteer; any number of clients."""

    def __init__(self, *listeners):
        self.changed = threading.Condition()
        self.polls = 0
        self.gossip = b""     # said with each reply to a poll, whatever else is
        self.detours = []     # (status, headers) of the next polls, instead of a reply
        self._offers = []     # those that wait
        self._said = collections.deque()
        self._answers, self._outcomes = {}, {}
        self._servers = [self._serve(listener) for listener in listeners]

    def close(self):
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def offer(self):
        """That of a client which waits now; it is held until HOLD or matched()."""
        return eventually(lambda: self._offers and self._offers[-1], "a client makes an offer")

    def forget_offers(self):
        """Of clients that are gone, or about to."""
        with self.changed:
            self._offers.clear()

    def assign(self, offer, relay_url, sdp=None):
        """Gives the volunteer a match: that offer, or another description in its name. Its id."""
        match = os.urandom(ID_BYTES)
        self._say(field(1, b"".join((
            field(1, match), field(2, sdp or offer.sdp), field(3, relay_url.encode()), field(4, os.urandom(LEG_TOKEN_BYTES)),
            field(6, BOTH_FAMILIES), field(7, HOLD * 1000), field(8, offer.capabilities), self.gossip))))
        return match

    def withdraw(self, match):
        self._say(field(2, match))

    def answer(self, match):
        """The volunteer's description, or why there is none (AnswerFailure)."""
        return eventually(lambda: self._answers.get(match), "the volunteer answers")

    def outcome(self, match):
        return eventually(lambda: self._outcomes.get(match), "the volunteer says what became of a match")

    def matched(self, offer, match):
        """Hands the volunteer's answer to the client: their link opens."""
        with self.changed:
            self._offers.remove(offer)
            offer.reply.append(_response(field(RESPONSE_OFFER, field(1, b"".join((
                field(2, match), field(3, self._answers[match]), field(4, offer.egress), field(6, os.urandom(TICKET_BYTES)),
                field(7, offer.capabilities)))))))
            self.changed.notify_all()

    def _say(self, part):
        with self.changed:
            self._said.append(part)
            self.changed.notify_all()

    def _on_poll(self, poll):
        answers = [fields(each) for each in poll.get(8, [])]
        outcomes = [fields(each) for each in poll.get(9, [])]
        with self.changed:
            self._answers.update((each[1][0], each.get(2, each.get(3))[0]) for each in answers)
            self._outcomes.update((each[1][0], each[2][0]) for each in outcomes)
            if answers or outcomes:
                return _response(field(RESPONSE_POLL, b""))
            self.polls += 1
            mine = self.polls  # a newer one takes its place
            self.changed.wait_for(lambda: self.polls != mine or self._said or self.detours, HOLD)
            news = []
            while self.polls == mine and self._said and len(news) < MOST_AT_ONCE:
                news.append(self._said.popleft())
        return _response(field(RESPONSE_POLL, b"".join(news) + self.gossip), self.gossip)

    def _on_offer(self, said):
        offer = Offer(said[5][0], said.get(9, [bytes(ID_BYTES)])[0], said.get(8, [0])[0], [])
        with self.changed:
            self._offers.append(offer)
            self.changed.wait_for(lambda: offer.reply, HOLD)
            if offer.reply:
                return offer.reply[0]
            if offer in self._offers:
                self._offers.remove(offer)
        return _response(NO_PROXY)

    def _detour(self):
        with self.changed:
            return self.detours.pop(0) if self.detours else None

    def _serve(self, listener):
        broker = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                request = fields(self.rfile.read(int(self.headers["Content-Length"])))
                if REQUEST_OFFER in request:
                    status, headers, body = 200, {}, broker._on_offer(fields(request[REQUEST_OFFER][0]))
                else:
                    body = broker._on_poll(fields(request[REQUEST_POLL][0]))
                    status, headers = broker._detour() or (200, {})
                self.send_response(status)
                for name, value in ({"Content-Type": "text/plain", "Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_):
                pass  # who asked has gone

        server = Server(listener.getsockname(), Handler, bind_and_activate=False)
        server.socket.close()
        server.socket = listener
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server
