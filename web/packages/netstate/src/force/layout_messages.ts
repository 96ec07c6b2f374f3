// What the page and the layout's worker say to each other. Arrays change hands and are not copied.
import type { Shape } from './layout.js';

export type ToLayout = { kind: 'shape'; serial: number; shape: Shape } | { kind: 'run'; on: boolean; still: boolean };

export interface FromLayout {
  serial: number; // of the shape that these are the places of
  places: Float32Array;
  settled: boolean;
}
