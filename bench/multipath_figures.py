"""Figures of a session over several volunteers, each of which carries no more than RATE: what they give together, how
long an application hears nothing when one of them goes in one way or another, and what a page costs meanwhile."""
import contextlib
import signal
import statistics
import time

import load
import own_network
from chain import Chain, eventually
from chain_figures import MB, QUIET
from figures import progress
from transfers import Far

RATE = 2_000_000         # bytes per second and volunteer
PATHS = 3                # what a client keeps unless told otherwise
RECOVERY_LIMIT = 60      # seconds until bytes come again
PAGE = 20_000            # bytes
PAGE_PACE = 0.12         # seconds from one page to the next: an egress grants a session 600 destinations a minute
FLOWING = 0.05           # seconds between bytes of a download that is not interrupted
FULL = 0.7               # of the sum of all caps: then a download is up to speed


@contextlib.contextmanager
def crowd_of(volunteers, paths, *sites, rate=RATE):
    """A chain whose client has its paths, each through another volunteer of one slot."""
    limit = ("--max-rate", f"{rate}B") if rate else ()
    with Chain(sites, egress_options=QUIET, broker_options=QUIET) as chain:
        for _ in range(volunteers):
            chain.volunteer(*QUIET, *limit, "--slots", "1")
        client = chain.client(*QUIET, "--paths", str(paths))
        eventually(lambda: chain.legs() >= min(paths, volunteers), f"{min(paths, volunteers)} paths stand", RECOVERY_LIMIT)
        yield chain, client


def aggregate(figures, scale):
    """One download over as many capped volunteers as there are."""
    site = load.Site()
    try:
        for count in scale.volunteers:
            with crowd_of(count, count, site.address) as (_, client):
                size = int(count * RATE * scale.capped_seconds)
                load.download(client.port, site.address, size // 4)
                for _ in range(scale.capped_repeats):
                    began = time.monotonic()
                    load.download(client.port, site.address, size)
                    speed = size / MB / (time.monotonic() - began)
                    figures.add(f"multipath.real.mb_per_s_{count}x2", "MB/s", speed)
                    progress(f"  {count} volunteers of {RATE / MB:g} MB/s: {speed:.2f} MB/s")
    finally:
        site.close()


class Deaths:
    """Volunteers that go while a download runs, each in its turn; another comes before the next goes."""

    def __init__(self, chain, client, far):
        self.chain, self.far = chain, far
        self.download = far.start(client.port, "down")

    def volunteers(self):
        return [p for p in self.chain.programs if p.name.startswith("volunteer") and p.running]

    def in_use(self):
        """The one that carries most just now."""
        def carried():
            return {v: v.metric("footbridge_proxy_relayed_down_bytes_total") for v in self.volunteers()}
        before = carried()
        time.sleep(0.3)  # of counting
        after = carried()
        return max(after, key=lambda v: after[v] - before[v])

    def settle(self):
        """Until all paths stand, are up to speed and no present silence is left."""
        eventually(lambda: self.chain.legs() >= PATHS, "all paths stand", RECOVERY_LIMIT)
        def fast():
            before = self.download.receiver.count
            time.sleep(0.25)  # of counting
            return self.download.receiver.count - before > FULL * PATHS * RATE * 0.25
        eventually(fast, "the download is up to speed", RECOVERY_LIMIT)

    def silence_after(self, harm, window):
        """The longest time without a byte in the `window` seconds after harm(volunteer in use), and until bytes flow."""
        self.settle()
        victim = self.in_use()
        receiver = self.download.receiver
        receiver.mark()
        harm(victim)
        began = time.monotonic()
        def flows():
            now = time.monotonic()
            return now - began > window and now - receiver.last < FLOWING
        eventually(flows, "bytes flow again", RECOVERY_LIMIT)
        silence = receiver.silence()
        victim.kill()  # what was only frozen or cut off does not come back
        self.chain.volunteer(*QUIET, "--max-rate", f"{RATE}B", "--slots", "1")
        return silence


def kill(volunteer):
    volunteer.signal(signal.SIGKILL)


def stop(volunteer):
    volunteer.signal(signal.SIGSTOP)


def stall_table(figures, scale, ways):
    """`ways` makes pairs of a name and what is done to the volunteer in use."""
    with Far() as far, crowd_of(PATHS + 1, PATHS, far.address) as (chain, client):
        deaths = Deaths(chain, client, far)
        for name, harm in ways(chain):
            silences = [deaths.silence_after(harm, scale.stall_window) for _ in range(scale.stalls)]
            for silence in silences:
                figures.add(f"multipath.real.stall_s_{name}", "s", silence)
            progress(f"  {name}: longest silence {statistics.median(silences):.2f} s, of {len(silences)} at worst {max(silences):.2f}")
        assert not far.failures(), far.failures()
        assert chain.egress_program.metric("footbridge_egress_sessions_begun_total") == 1, "the session was lost"
        far.finish(RECOVERY_LIMIT)


def stalls(figures, scale):
    """The volunteer in use is killed, or frozen."""
    stall_table(figures, scale, lambda _: [("kill", kill), ("stop", stop)])


def pulls(figures, scale):
    """The volunteer in use loses its relay leg, or its link, without a word."""
    if reason := own_network.why_not():
        progress(f"  not measured: {reason}")
        return
    with own_network.own_network():
        stall_table(figures, scale, lambda chain: [("leg", lambda v: own_network.pull_legs(v, chain.egress_program.port)),
                                                   ("link", own_network.pull_link)])


def pages(figures, scale, name, port, address):
    """How long a page takes, its connection included."""
    took = []
    for number in range(scale.pages):
        began = time.monotonic()
        load.download(port, address, PAGE)
        took.append((time.monotonic() - began) * 1000)
        time.sleep(max(0.0, PAGE_PACE - took[-1] / 1000))
    took.sort()
    for part, value in (("p50", statistics.median(took)), ("p99", took[min(len(took) - 1, int(len(took) * 0.99))])):
        figures.add(f"multipath.real.{part}_ms_20kb{name}", "ms", value)
    progress(f"  pages of 20 KB{name.replace('_', ', ')}: {statistics.median(took):.1f} ms, p99 {took[int(len(took) * 0.99)]:.1f} ms")


def latency(figures, scale):
    """Pages beside nothing, and beside a download that takes all that four capped volunteers give."""
    site = load.Site()
    try:
        with Far() as far, crowd_of(4, 4, site.address, far.address) as (_, client):
            pages(figures, scale, "_idle", client.port, site.address)
            far.start(client.port, "down")
            pages(figures, scale, "", client.port, site.address)
            far.finish(RECOVERY_LIMIT)
    finally:
        site.close()
