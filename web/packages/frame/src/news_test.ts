import assert from 'node:assert/strict';
import test from 'node:test';

import { kNewsEveryMs, News } from './news.js';

test('nothing is said to who has not asked for it', () => {
  const news = new News();
  assert.equal(news.look(0, 3), false);
  news.wanted = true;
  assert.equal(news.look(1, 3), false, 'who was there before is no news');
  assert.equal(news.look(2, 4), true);
});

test('who leaves is no news, and who comes after that is', () => {
  const news = new News();
  news.wanted = true;
  assert.equal(news.look(0, 2), true);
  assert.equal(news.look(kNewsEveryMs, 1), false);
  assert.equal(news.look(kNewsEveryMs + 1, 2), true);
});

test('it is said once in ten seconds at most, however many come', () => {
  const news = new News();
  news.wanted = true;
  let said = 0;
  for (let ms = 0; ms < 60_000; ms += 100) said += news.look(ms, ms / 100 + 1) ? 1 : 0;
  assert.equal(said, 60_000 / kNewsEveryMs);
});
