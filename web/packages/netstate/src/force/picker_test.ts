import assert from 'node:assert/strict';
import test from 'node:test';

import { Picker } from './picker.js';

test('it finds whoever is nearest, as a look at all of them would', () => {
  let seed = 3;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed / 2 ** 32 - 0.5) * 2_000;
  };
  const places = Float32Array.from({ length: 4_000 }, random);
  const picker = new Picker();
  for (let round = 0; round < 300; ++round) {
    const [x, y, reach] = [random(), random(), 5 + (round % 40)];
    let [best, distance] = [-1, reach];
    for (let index = 0; index < 2_000; ++index) {
      const away = Math.hypot((places[2 * index] ?? 0) - x, (places[2 * index + 1] ?? 0) - y);
      if (away <= distance) [best, distance] = [index, away];
    }
    assert.equal(picker.at(places, x, y, reach), best);
  }
});

test('it looks again when they have moved', () => {
  const picker = new Picker();
  assert.equal(picker.at(Float32Array.of(0, 0), 0, 0, 5), 0);
  assert.equal(picker.at(Float32Array.of(900, 0), 0, 0, 5), -1);
});
