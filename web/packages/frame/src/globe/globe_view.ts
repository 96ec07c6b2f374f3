// GlobeView: the earth on a canvas, turning slowly, with a light in each country whose people are helped now and an arc from it to
// the visitor, who stands below the globe: where he is, nobody asks. Drawn from files of ours; loaded when first shown.
import type { CountryCount } from '@footbridge/protocol';
import { type GeoPermissibleObjects, geoDistance, geoGraticule10, geoOrthographic, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { Topology } from 'topojson-specification';
import land110m from 'world-atlas/land-110m.json' with { type: 'json' };
import { placeOf } from './country_places.js';
import { Turning } from './turning.js';

const kTilt = -18; // most people are north of the equator
const kMargin = 0.06; // of the width, for the glow
const kDarkColours = {
  sea: '#14303b',
  land: '#3c6a70',
  line: '#ffffff12',
  rim: '#55cfc355',
  visitor: '#55cfc3',
  light: '#fbbf4a',
  arc: '#fbbf4acc',
};
const kLightColours = {
  sea: '#dcebee',
  land: '#8db9b7',
  line: '#12232e10',
  rim: '#0a716c44',
  visitor: '#0a716c',
  light: '#c25e00',
  arc: '#c25e00cc',
};

const topology = land110m as unknown as Topology;
const kLand = feature(topology, topology.objects.land as never) as unknown as GeoPermissibleObjects;
const kGrid = geoGraticule10();

export class GlobeView {
  readonly canvas: HTMLCanvasElement;
  readonly #turning = new Turning(-50);
  readonly #stillness = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #observer: IntersectionObserver;
  #countries: readonly string[] = []; // that have a place
  #dark = false;
  #inView = false;
  #request = 0;
  readonly #wake = () => this.#ask();

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.#observer = new IntersectionObserver((entries) => {
      this.#inView = entries.at(-1)?.isIntersecting ?? false;
      this.#ask();
    });
    this.#observer.observe(canvas);
    document.addEventListener('visibilitychange', this.#wake);
    this.#stillness.addEventListener('change', this.#wake);
  }

  show(counts: readonly CountryCount[], dark: boolean): void {
    const countries = counts.map(({ country }) => country).filter((country) => placeOf(country) !== null);
    if (dark !== this.#dark || countries.join() !== this.#countries.join()) this.#turning.onChange();
    this.#countries = countries;
    this.#dark = dark;
    this.#ask();
  }

  close(): void {
    this.#observer.disconnect();
    document.removeEventListener('visibilitychange', this.#wake);
    this.#stillness.removeEventListener('change', this.#wake);
    cancelAnimationFrame(this.#request);
    this.#inView = false;
  }

  get #looks() {
    return { hidden: document.hidden || !this.#inView, still: this.#stillness.matches };
  }

  #ask(): void {
    cancelAnimationFrame(this.#request);
    if (!this.#turning.wants(this.#looks)) return;
    this.#request = requestAnimationFrame((now) => {
      if (this.#turning.onPicture(now, this.#looks)) this.#draw(now);
      this.#ask();
    });
  }

  #draw(now: number): void {
    const context = this.canvas.getContext('2d');
    const width = this.canvas.clientWidth;
    if (!context || width === 0) return;
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    if (this.canvas.width !== Math.round(width * scale)) {
      this.canvas.width = this.canvas.height = Math.round(width * scale);
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, width);
    const middle = width / 2;
    const radius = middle * (1 - 2 * kMargin);
    const rotation: [number, number] = [this.#turning.longitude, kTilt];
    const projection = geoOrthographic().translate([middle, middle]).scale(radius).rotate(rotation).precision(0.6);
    const path = geoPath(projection, context);
    const colours = this.#dark ? kDarkColours : kLightColours;
    const fill = (shape: GeoPermissibleObjects, colour: string) => {
      context.beginPath();
      path(shape);
      context.fillStyle = colour;
      context.fill();
    };
    fill({ type: 'Sphere' }, colours.sea);
    context.beginPath();
    path(kGrid);
    context.strokeStyle = colours.line;
    context.lineWidth = 1;
    context.stroke();
    fill(kLand, colours.land);
    context.beginPath();
    path({ type: 'Sphere' });
    context.strokeStyle = colours.rim;
    context.lineWidth = 1.5;
    context.stroke();
    const facing: [number, number] = [-rotation[0], -rotation[1]];
    const visitor: [number, number] = [middle, width - 5];
    for (const country of this.#countries) {
      const place = placeOf(country);
      if (!place || geoDistance([...place], facing) > 1.45) continue;
      const at = projection([...place]);
      if (at) this.#light(context, at, visitor, colours, now);
    }
    if (this.#countries.length > 0) dot(context, visitor, 4, 1, colours.visitor);
  }

  #light(
    context: CanvasRenderingContext2D,
    [x, y]: [number, number],
    [toX, toY]: [number, number],
    colours: typeof kDarkColours,
    now: number,
  ): void {
    const pulse = this.#stillness.matches ? 0.5 : 0.5 + 0.5 * Math.sin(now / 600);
    context.beginPath();
    context.moveTo(x, y);
    const side = x < toX ? -1 : 1; // arcs leave the earth outwards
    context.bezierCurveTo(x + side * toX * 0.25, y - toY * 0.12, toX + side * toX * 0.9, toY * 0.75, toX, toY);
    context.strokeStyle = colours.arc;
    context.lineWidth = 1.5;
    context.stroke();
    dot(context, [x, y], 6 + 3 * pulse, 0.25, colours.light);
    dot(context, [x, y], 3.2, 1, colours.light);
  }
}

function dot(
  context: CanvasRenderingContext2D,
  [x, y]: [number, number],
  radius: number,
  alpha: number,
  colour: string,
): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
}
