import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import test from 'node:test';
import { type GeoPermissibleObjects, geoCentroid, geoContains, geoDistance } from 'd3-geo';
import { feature } from 'topojson-client';
import type { Topology } from 'topojson-specification';

import { knownCountries, placeOf } from './country_places.js';

interface Country {
  properties: { name: string };
}

const kFarDegrees = 8; // of a point that is not in the coarse outline, from its middle

// An atlas of other people's hands: outlines of countries with English names.
async function atlas(): Promise<Map<string, Country>> {
  const file = createRequire(import.meta.url).resolve('world-atlas/countries-110m.json');
  const topology = JSON.parse(await readFile(file, 'utf8')) as Topology;
  const shapes = feature(topology, topology.objects.countries as never) as unknown as { features: Country[] };
  return new Map(shapes.features.map((shape) => [shape.properties.name, shape]));
}

test('a light is in its country', async () => {
  const shapes = await atlas();
  const names = new Intl.DisplayNames('en', { type: 'region' });
  let compared = 0;
  for (const code of knownCountries()) {
    const shape = shapes.get(names.of(code) ?? '');
    const place = placeOf(code);
    if (!shape || !place) continue;
    const it = shape as unknown as GeoPermissibleObjects & Parameters<typeof geoContains>[0];
    const degrees = (geoDistance([...place], geoCentroid(it)) * 180) / Math.PI;
    assert.ok(geoContains(it, [...place]) || degrees < kFarDegrees, `${code} is ${degrees.toFixed(0)} degrees away`);
    ++compared;
  }
  assert.ok(compared > 130, `${compared}`);
});

test('what is no country has no light', () => {
  for (const code of ['', 'XX', 'ir', '__proto__', 'constructor']) assert.equal(placeOf(code), null);
});
