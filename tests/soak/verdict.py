"""Does a process grow? Least squares over the samples that follow the warm-up, and a bound that the length of the run allows.

A process that leaks nothing still wanders: an allocator takes pages for a busy moment and keeps them, most of all soon after a
start. A step of J, in the middle of a window of T hours, tilts the line by 1.5 J/T. So a run of two hours is held to what is
wanted, and a shorter one to that tilt: whoever looks for five minutes sees only a fast leak, and how fast is in the table."""
import dataclasses
import statistics

MIB = 1 << 20
RSS_WANTED = 1.0        # MiB per hour
RSS_STEP = 2.5          # MiB: twice the largest that was measured (docs/performance.md)
DESCRIPTORS_WANTED = 4.0  # per hour
DESCRIPTORS_STEP = 6.0  # the same
LONG = 1.75             # hours, the warm-up not counted: from here on what is wanted holds
TILT = 1.5              # of the line by a step in the middle, in steps per window
FEWEST = 12             # samples of a process that is judged


@dataclasses.dataclass
class Sample:
    seconds: float
    name: str
    pid: int
    rss: int            # bytes
    descriptors: int
    threads: int


@dataclasses.dataclass
class Judgement:
    name: str
    samples: int
    rss_first: float    # MiB, medians of the first and the last quarter
    rss_last: float
    rss_slope: float    # MiB per hour
    rss_bound: float
    descriptors_most: int
    descriptors_slope: float  # per hour
    descriptors_bound: float
    threads: tuple      # least and most

    @property
    def faults(self):
        found = []
        if self.rss_slope > self.rss_bound:
            found.append(f"{self.name} grows by {self.rss_slope:.2f} MiB/h, more than {self.rss_bound:.2f}")
        if self.descriptors_slope > self.descriptors_bound:
            found.append(f"{self.name} gains {self.descriptors_slope:.1f} descriptors/h, more than {self.descriptors_bound:.1f}")
        return found


def slope(points):
    """Of the least-squares line through (x, y)."""
    mean_x = statistics.fmean(x for x, _ in points)
    mean_y = statistics.fmean(y for _, y in points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def bound(wanted, step, hours):
    return wanted if hours >= LONG else max(wanted, TILT * step / hours)


def judge(samples, warm_up, end):
    """A Judgement for each process that lived from before the end of the warm-up to the end, by name."""
    by_process = {}
    for sample in samples:
        by_process.setdefault((sample.name, sample.pid), []).append(sample)
    hours = (end - warm_up) / 3600
    for (name, _), all_of_it in sorted(by_process.items()):
        kept = [sample for sample in all_of_it if sample.seconds >= warm_up]
        whole = all_of_it[0].seconds < warm_up and all_of_it[-1].seconds > warm_up + 0.9 * (end - warm_up)
        if not whole or len(kept) < FEWEST:
            continue
        quarter = len(kept) // 4
        rss = [(sample.seconds / 3600, sample.rss / MIB) for sample in kept]
        yield Judgement(
            name, len(kept), statistics.median(y for _, y in rss[:quarter]), statistics.median(y for _, y in rss[-quarter:]),
            slope(rss), bound(RSS_WANTED, RSS_STEP, hours),
            max(sample.descriptors for sample in kept), slope([(sample.seconds / 3600, sample.descriptors) for sample in kept]),
            bound(DESCRIPTORS_WANTED, DESCRIPTORS_STEP, hours),
            (min(sample.threads for sample in kept), max(sample.threads for sample in kept)))
