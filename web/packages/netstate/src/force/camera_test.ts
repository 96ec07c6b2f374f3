import assert from 'node:assert/strict';
import test from 'node:test';

import { Camera, kMaxScale, kMinScale } from './camera.js';

function camera(): Camera {
  const it = new Camera();
  it.width = 800;
  it.height = 400;
  return it;
}

test('what is under the pointer stays there when it zooms', () => {
  const it = camera();
  it.zoom(2, 100, 50);
  const [x, y] = [it.toLayoutX(100), it.toLayoutY(50)];
  it.zoom(1.7, 100, 50);
  assert.ok(Math.abs(it.toLayoutX(100) - x) < 1e-9 && Math.abs(it.toLayoutY(50) - y) < 1e-9);
  for (let round = 0; round < 50; ++round) it.zoom(2);
  assert.equal(it.scale, kMaxScale);
  for (let round = 0; round < 50; ++round) it.zoom(0.5);
  assert.equal(it.scale, kMinScale);
});

test('it moves with the hand', () => {
  const it = camera();
  it.zoom(2);
  const x = it.toLayoutX(10);
  it.pan(30, 0);
  assert.ok(Math.abs(it.toLayoutX(40) - x) < 1e-9);
});

test('a fit shows everybody', () => {
  const it = camera();
  it.fit(Float32Array.of(-5_000, 20, 3_000, -900, 0, 7_000));
  const seen = it.seen();
  assert.ok(seen.left < -5_000 && seen.right > 3_000 && seen.top < -900 && seen.bottom > 7_000);
  it.fit(new Float32Array(0));
  assert.ok(Number.isFinite(it.x) && Number.isFinite(it.scale));
  it.fit(Float32Array.of(4, 4));
  assert.ok(it.scale <= 3, 'one node alone is not as large as the page');
});

test('a picture of before is moved to where it belongs', () => {
  const it = camera();
  const before = it.view();
  const [x, y] = [123, -45]; // of the layout
  const was = [it.toScreenX(x), it.toScreenY(y)] as const;
  it.zoom(1.5, 30, 300);
  it.pan(17, -9);
  const [moveX, moveY, scale] = (it.since(before).match(/-?[\d.]+/g) ?? []).map(Number) as [number, number, number];
  // CSS scales around the middle.
  assert.ok(Math.abs((was[0] - 400) * scale + 400 + moveX - it.toScreenX(x)) < 0.1);
  assert.ok(Math.abs((was[1] - 200) * scale + 200 + moveY - it.toScreenY(y)) < 0.1);
});
