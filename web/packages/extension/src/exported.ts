// What a person may look at and take away: all that is stored, but for the keys by which the network knows this installation.
// Whoever has those could pretend to be it, or know it again.
export function exported(stored: Record<string, unknown>): unknown {
  const { identity: _keys, ...rest } = (stored.kept ?? {}) as Record<string, unknown>;
  return rest;
}
