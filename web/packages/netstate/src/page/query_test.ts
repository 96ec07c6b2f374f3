import assert from 'node:assert/strict';
import test from 'node:test';

import type { NodeFacts } from '../feed/messages.js';
import { countryName, isEverybody, kEverybody, matches, queryOf } from './query.js';

const kNode: NodeFacts = {
  id: '00ab12cd',
  role: 'extension',
  state: 'helping',
  country: 'DE',
  people: null,
  since: 0,
  tag: 'lab-3',
};

test('somebody is found by id, role, country, state and tag', () => {
  for (const text of ['00ab', 'LAB', 'lab-3', 'germany', 'de', 'extension', 'helping', ' germany  ext ', ''])
    assert.ok(matches(kNode, { ...kEverybody, text }), text);
  for (const text of ['france', 'germany egress', '00ab12cd0'])
    assert.ok(!matches(kNode, { ...kEverybody, text }), text);
});

test('filters and words hold together', () => {
  assert.ok(matches(kNode, queryOf({ text: 'lab', role: 'extension', state: 'helping', country: 'DE' })));
  assert.ok(!matches(kNode, queryOf({ text: 'lab', role: 'egress', state: '', country: '' })));
  assert.ok(!matches(kNode, queryOf({ text: '', role: '', state: 'paused', country: '' })));
  assert.ok(!matches(kNode, queryOf({ text: '', role: '', state: '', country: 'FR' })));
});

test('who looks for nobody sees everybody', () => {
  assert.ok(isEverybody(queryOf({ text: ' ', role: 'nonsense', state: '', country: '' })));
  assert.ok(!isEverybody(queryOf({ text: '', role: 'page', state: '', country: '' })));
});

test('countries have names', () => {
  assert.deepEqual(['IR', 'other', '??'].map(countryName), ['Iran', 'Other countries', 'Unknown']);
});
