import assert from 'node:assert/strict';
import test from 'node:test';

import { parseSeries, reduce, roundTop } from './series.js';

test('with room for all, each point is a value of the server', () => {
  const values = [3, 0, null, 8, 12];
  const points = reduce(values, 1_000, 10_000, 240);
  assert.deepEqual(
    points.map(({ mean }) => mean),
    values,
  );
  assert.deepEqual(
    points.map(({ at }) => at),
    [1_000, 11_000, 21_000, 31_000, 41_000],
  );
});

test('reduced, nothing is lost: least and most are kept, and what is counted up sums to the same', () => {
  const values = Array.from({ length: 8_640 }, (_, index) => (index * 7_919) % 1_013);
  values[4_321] = 99_999; // one moment of a day
  const points = reduce(values, 0, 10_000, 200);
  assert.ok(points.length <= 200 && points.length > 150, `${points.length}`);
  assert.equal(Math.max(...points.map(({ most }) => most ?? 0)), 99_999);
  assert.equal(Math.min(...points.map(({ least }) => least ?? 1)), 0);
  const total = (list: (number | null)[]) => list.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  assert.equal(total(points.map(({ sum }) => sum)), total(values));
  for (const { mean, least, most } of points) assert.ok((least ?? 0) <= (mean ?? 0) && (mean ?? 0) <= (most ?? 0));
});

test('what is not told stays so', () => {
  assert.deepEqual(
    reduce([null, null, 4, null], 0, 1, 2).map(({ mean, sum }) => [mean, sum]),
    [
      [null, null],
      [4, 4],
    ],
  );
  assert.deepEqual(reduce([], 0, 1, 10), []);
});

test('only what is a series is one', () => {
  const good = {
    step_s: 10,
    from: 5,
    nodes: [1],
    people: [null],
    sessions: [2],
    bytes_per_second: [3],
    came: [0],
    left: [0],
  };
  assert.deepEqual(parseSeries(good)?.values.people, [null]);
  for (const fault of [{ step_s: 0 }, { from: -1 }, { nodes: 'x' }, { left: ['192.0.2.1'] }, { came: undefined }])
    assert.equal(parseSeries({ ...good, ...fault }), null);
  assert.equal(parseSeries(undefined), null);
});

test('a scale ends at a round number', () => {
  assert.deepEqual([0, 3, 6, 11, 24, 26, 99, 101, 7_300].map(roundTop), [5, 5, 10, 20, 25, 50, 100, 200, 10_000]);
});
