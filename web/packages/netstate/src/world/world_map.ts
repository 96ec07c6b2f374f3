// WorldMap: land, and on it a light for each country with a node and an arc for each pair of countries. From files of ours only. The land
// is drawn once for a size and a theme; the rest when something has changed.
import { placeOf } from '@footbridge/frame/places';
import { type GeoPermissibleObjects, type GeoProjection, geoGraticule10, geoNaturalEarth1, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { Topology } from 'topojson-specification';
import land110m from 'world-atlas/land-110m.json' with { type: 'json' };
import { kDark, kLight } from '../force/looks.js';
import type { World } from './pairs.js';

const kMostArcs = 300;
const kSphere: GeoPermissibleObjects = { type: 'Sphere' };
const kColours = {
  light: { sea: '#eef4f5', land: '#c9dad9', line: '#12232e0d' },
  dark: { sea: '#14222b', land: '#2c434c', line: '#ffffff0a' },
};

let landShape: GeoPermissibleObjects | null = null;

function land(): GeoPermissibleObjects {
  const topology = land110m as unknown as Topology;
  landShape ??= feature(topology, topology.objects.land as never) as unknown as GeoPermissibleObjects;
  return landShape;
}

export class WorldMap {
  readonly #ground = document.createElement('canvas');
  #groundKey = '';
  #projection: GeoProjection = geoNaturalEarth1();
  drawn = 0; // arcs of the last picture

  draw(canvas: HTMLCanvasElement, world: World, isDark: boolean): void {
    const context = canvas.getContext('2d');
    const width = canvas.clientWidth;
    if (!context || width === 0) return;
    const height = Math.round(width * 0.5);
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.#prepare(width, height, ratio, isDark);
    if (canvas.width !== this.#ground.width || canvas.height !== this.#ground.height) {
      canvas.width = this.#ground.width;
      canvas.height = this.#ground.height;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(this.#ground, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const colours = isDark ? kDark : kLight;
    this.drawn = 0;
    for (const { from, to, legs } of world.pairs.slice(0, kMostArcs).reverse()) {
      const [a, b] = [this.#at(from), this.#at(to)];
      if (!a || !b) continue;
      ++this.drawn;
      if (from !== to) arc(context, a, b, Math.min(5, 0.8 + Math.log2(legs) * 0.5), colours.roles.volunteer, isDark);
    }
    for (const [country, count] of world.nodes)
      this.#light(context, country, count, colours.roles.volunteer, false, colours.ground);
    for (const [country, count] of world.egresses)
      this.#light(context, country, count, colours.ink, true, colours.ground);
  }

  #at(country: string): [number, number] | null {
    const place = placeOf(country);
    return place && this.#projection([...place]);
  }

  #light(
    context: CanvasRenderingContext2D,
    country: string,
    count: number,
    colour: string,
    isEgress: boolean,
    ground: string,
  ): void {
    const at = this.#at(country);
    if (!at) return;
    const radius = isEgress ? 4.5 : Math.min(14, 2.5 + Math.sqrt(count) * 0.55);
    context.beginPath();
    if (isEgress) context.rect(at[0] - radius, at[1] - radius, 2 * radius, 2 * radius);
    else context.arc(at[0], at[1], radius, 0, 2 * Math.PI);
    context.globalAlpha = isEgress ? 1 : 0.8;
    context.fillStyle = colour;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 1.5;
    context.strokeStyle = ground;
    context.stroke();
  }

  #prepare(width: number, height: number, ratio: number, isDark: boolean): void {
    const key = `${width} ${ratio} ${isDark}`;
    if (key === this.#groundKey) return;
    this.#groundKey = key;
    this.#ground.width = Math.round(width * ratio);
    this.#ground.height = Math.round(height * ratio);
    this.#projection = geoNaturalEarth1().fitExtent(
      [
        [2, 2],
        [width - 2, height - 2],
      ],
      kSphere,
    );
    const context = this.#ground.getContext('2d');
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const path = geoPath(this.#projection, context);
    const colours = isDark ? kColours.dark : kColours.light;
    for (const [shape, colour] of [
      [kSphere, colours.sea],
      [land(), colours.land],
    ] as const) {
      context.beginPath();
      path(shape);
      context.fillStyle = colour;
      context.fill();
    }
    context.beginPath();
    path(geoGraticule10());
    context.strokeStyle = colours.line;
    context.lineWidth = 1;
    context.stroke();
  }
}

// Bowed upwards, and fading in towards the egress, which says where it leads.
function arc(
  context: CanvasRenderingContext2D,
  [ax, ay]: [number, number],
  [bx, by]: [number, number],
  width: number,
  colour: string,
  isDark: boolean,
): void {
  const bow = Math.min(120, Math.hypot(bx - ax, by - ay) * 0.28);
  const shade = context.createLinearGradient(ax, ay, bx, by);
  shade.addColorStop(0, `${colour}${isDark ? '55' : '44'}`);
  shade.addColorStop(1, `${colour}${isDark ? 'dd' : 'cc'}`);
  context.beginPath();
  context.moveTo(ax, ay);
  context.quadraticCurveTo((ax + bx) / 2, (ay + by) / 2 - bow, bx, by);
  context.strokeStyle = shade;
  context.lineWidth = width;
  context.lineCap = 'round';
  context.stroke();
}
