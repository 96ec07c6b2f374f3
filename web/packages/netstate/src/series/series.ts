// Series: what netstate has counted over time, and its reduction to as many points as a chart has room for. A point keeps least, most and
// mean of what it stands for; what is counted up, like who came, is summed. Nothing is made up where nothing is told.
import { isCount } from '../feed/messages.js';

export const kMeasures = ['nodes', 'people', 'sessions', 'bytes_per_second', 'came', 'left'] as const;
export type Measure = (typeof kMeasures)[number];
export type Values = readonly (number | null)[];

export interface Series {
  step_s: number;
  from: number; // Unix time in ms
  values: Record<Measure, Values>;
}

const kMaxPoints = 20_000;

export function parseSeries(value: unknown): Series | null {
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Record<string, unknown>;
  const { step_s, from } = fields;
  if (!isCount(step_s) || step_s === 0 || !isCount(from)) return null;
  const values: Partial<Record<Measure, Values>> = {};
  for (const measure of kMeasures) {
    const list = fields[measure];
    if (!Array.isArray(list) || list.length > kMaxPoints) return null;
    if (!list.every((each) => each === null || isCount(each))) return null;
    values[measure] = list as Values;
  }
  return { step_s, from, values: values as Record<Measure, Values> };
}

export interface Point {
  at: number; // when what it stands for begins
  mean: number | null;
  least: number | null;
  most: number | null;
  sum: number | null;
}

// At most so many points, each of equally many values but the last. null where none of its values is told.
export function reduce(values: Values, from: number, stepMs: number, most: number): Point[] {
  const each = Math.max(1, Math.ceil(values.length / most));
  const points: Point[] = [];
  for (let begin = 0; begin < values.length; begin += each) {
    const told = values.slice(begin, begin + each).filter((value): value is number => value !== null);
    const at = from + begin * stepMs;
    if (told.length === 0) {
      points.push({ at, mean: null, least: null, most: null, sum: null });
      continue;
    }
    const sum = told.reduce((total, value) => total + value, 0);
    points.push({ at, mean: sum / told.length, least: Math.min(...told), most: Math.max(...told), sum });
  }
  return points;
}

// A round number that is not below, for the top of a scale.
export function roundTop(value: number): number {
  if (value <= 5) return 5;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 2.5, 5, 10]) if (step * power >= value) return step * power;
  return 10 * power;
}
