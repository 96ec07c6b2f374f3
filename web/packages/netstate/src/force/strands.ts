// Strands: how many people a leg has, as the force view draws it. Up to five are so many lines side by side; more are one wide line with
// the number on it; fewer than eight, when that is all that is told, are one dotted line; nobody is a faint one.

export const kMostStrands = 5;

export interface Strands {
  lines: number;
  width: number; // of a line, in CSS pixels
  dotted: boolean;
  label: string;
}

export function strandsOf(people: number | null): Strands {
  if (people === null) return { lines: 1, width: 1.2, dotted: true, label: '' };
  if (people === 0) return { lines: 1, width: 0.6, dotted: false, label: '' };
  if (people <= kMostStrands) return { lines: people, width: 1.2, dotted: false, label: '' };
  return { lines: 1, width: Math.min(9, 2 + Math.log2(people)), dotted: false, label: String(people) };
}

// How many people strands speak of; null: fewer than eight.
export function peopleOf({ lines, width, dotted, label }: Strands): number | null {
  if (dotted) return null;
  if (label !== '') return Number(label);
  return width < 1 ? 0 : lines;
}
