// An invented hour, or day, as netstate's /series.json tells it: seeded by nothing but its place in time.
export function seriesOf(count: number, step_s: number, to: number) {
  const along = (of: (index: number) => number | null) => Array.from({ length: count }, (_, index) => of(index));
  const wave = (index: number, period: number) => 0.5 + 0.5 * Math.sin((2 * Math.PI * index) / period);
  const rough = (index: number, prime: number) => ((index * prime) % 97) / 97;
  const people = along((index) => {
    const value = Math.floor((20 + 90 * wave(index, count / 2) + 25 * rough(index, 31)) / 8) * 8;
    return index % 90 < 3 ? null : value;
  });
  return {
    step_s,
    from: to - count * step_s * 1_000,
    nodes: along((index) => Math.round(1_800 + 160 * wave(index, count) + 12 * rough(index, 53))),
    people,
    sessions: people,
    bytes_per_second: people.map((value) => (value === null ? null : value * 40_000)),
    came: along((index) => Math.floor(6 * rough(index, 41))),
    left: along((index) => Math.floor(6 * rough(index, 29))),
  };
}
