// Looks until something is true: what tests wait with, on a machine that may be busy.
const kWithinMs = 20_000;
const kLookEveryMs = 25;

// The first true value of look(). A look that throws is false; its error is shown if it never gets true.
export async function eventually<T>(
  look: () => Promise<T> | T,
  why: string,
  withinMs = kWithinMs,
): Promise<NonNullable<T>> {
  const until = Date.now() + withinMs;
  for (;;) {
    let error = '';
    try {
      const value = await look();
      if (value) return value;
    } catch (thrown) {
      error = `: ${thrown}`;
    }
    if (Date.now() > until) throw new Error(`not in ${withinMs} ms: ${why}${error}`);
    await new Promise((done) => setTimeout(done, kLookEveryMs));
  }
}
