// Chart: one measure over time as a small SVG picture, with its newest value in words, the value under the pointer, and all of them as a
// table. Drawn anew when it gets new points; draws nothing by itself.
import { make, say } from '@footbridge/frame/dom';
import { svgElement } from '../page/svg_element.js';
import { words } from '../words.js';
import { type Point, roundTop } from './series.js';

const kWidth = 480;
const kHeight = 120;
const kTop = 18; // for the scale
const kBottom = 18; // for the times
const kTableRows = 60;

export interface Line {
  name: string;
  points: Point[];
  kind: 'level' | 'count'; // a count is shown by its sum, as bars
}

export class Chart {
  readonly element: HTMLElement;
  readonly #picture = svgElement('svg', { viewBox: `0 0 ${kWidth} ${kHeight}`, role: 'img', class: 'chart' });
  readonly #value = make('p', { class: 'value' });
  readonly #at = make('p', { class: 'at' });
  readonly #table = make('table', { class: 'list' });
  readonly #title: string;
  readonly #text: (value: number) => string;
  readonly #untold: string;
  readonly #cursor = svgElement('line', { class: 'cursor', y1: kTop, y2: kHeight - kBottom });
  #lines: Line[] = [];

  // `untold`: what stands where netstate tells no number.
  constructor(title: string, text: (value: number) => string, untold = words.fewerThan) {
    this.#title = title;
    this.#untold = untold;
    this.#text = text;
    const fallback = make(
      'details',
      {},
      make('summary', {}, words.asTable),
      make('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': title }, this.#table),
    );
    const head = make('div', { class: 'chart-head' }, make('h2', {}, title), this.#value);
    this.element = make('figure', {}, head, this.#picture, this.#at, fallback);
    fallback.addEventListener('toggle', () => this.#fillTable(fallback.open));
    this.#picture.addEventListener('pointermove', ({ offsetX }) => this.#point(offsetX / this.#picture.clientWidth));
    this.#picture.addEventListener('pointerleave', () => this.#point(null));
  }

  show(lines: Line[]): void {
    this.#lines = lines;
    const all = lines.flatMap(({ points }) => points);
    const top = roundTop(
      Math.max(
        0,
        ...lines.flatMap(({ points, kind }) => points.map(({ most, sum }) => (kind === 'count' ? sum : most) ?? 0)),
      ),
    );
    const newest = lines.map(({ points, kind }) => this.#textOf(points.at(-1), kind));
    say(this.#value, newest.join(' / '));
    this.#picture.setAttribute(
      'aria-label',
      `${this.#title}: ${lines.map(({ name }, index) => `${name} ${newest[index]}`).join(', ')}`,
    );
    this.#picture.replaceChildren(...this.#axis(all, top));
    lines.forEach((line, index) => {
      this.#picture.append(...(line.kind === 'count' ? bars(line.points, top, index) : curve(line.points, top)));
    });
    this.#picture.append(this.#cursor);
    this.#point(null);
    this.#fillTable(this.element.querySelector('details')?.open ?? false);
  }

  #axis(all: Point[], top: number): SVGElement[] {
    const out: SVGElement[] = [];
    for (const part of [0, 0.5, 1]) {
      const y = yOf(top * part, top);
      out.push(svgElement('line', { class: 'grid', x1: 0, x2: kWidth, y1: y, y2: y }));
    }
    out.push(svgElement('text', { x: 2, y: kTop - 5, class: 'tick' }, this.#text(top)));
    const [first, last] = [all[0], all.at(-1)];
    if (!first || !last) return out;
    out.push(svgElement('text', { x: 2, y: kHeight - 4, class: 'tick' }, words.time(first.at)));
    out.push(
      svgElement('text', { x: kWidth - 2, y: kHeight - 4, class: 'tick', 'text-anchor': 'end' }, words.time(last.at)),
    );
    return out;
  }

  #textOf(point: Point | undefined, kind: Line['kind']): string {
    const value = kind === 'count' ? point?.sum : point?.mean;
    if (point === undefined) return '–';
    return value === null || value === undefined ? this.#untold : this.#text(Math.round(value));
  }

  #point(part: number | null): void {
    const points = this.#lines[0]?.points ?? [];
    const index = part === null ? -1 : Math.min(points.length - 1, Math.max(0, Math.floor(part * points.length)));
    const point = points[index];
    this.#cursor.style.display = point ? '' : 'none';
    if (!point) {
      this.#at.textContent = '\u00a0';
      return;
    }
    const x = xOf(index, points.length);
    this.#cursor.setAttribute('x1', String(x));
    this.#cursor.setAttribute('x2', String(x));
    const values = this.#lines.map(({ name, points: own, kind }) => `${name} ${this.#textOf(own[index], kind)}`);
    this.#at.textContent = `${words.time(point.at)}: ${values.join(', ')}`;
  }

  #fillTable(open: boolean): void {
    if (!open) return;
    const head = make('tr', {}, make('th', { scope: 'col' }, words.time_));
    for (const { name } of this.#lines) head.append(make('th', { scope: 'col', class: 'number' }, name));
    const body = make('tbody');
    const count = this.#lines[0]?.points.length ?? 0;
    for (let index = count - 1; index >= Math.max(0, count - kTableRows); --index) {
      const row = make('tr', {}, make('th', { scope: 'row' }, words.time(this.#lines[0]?.points[index]?.at ?? 0)));
      for (const { points, kind } of this.#lines)
        row.append(make('td', { class: 'number' }, this.#textOf(points[index], kind)));
      body.append(row);
    }
    this.#table.replaceChildren(make('caption', {}, this.#title), make('thead', {}, head), body);
  }
}

function xOf(index: number, count: number): number {
  return ((index + 0.5) / Math.max(1, count)) * kWidth;
}

function yOf(value: number, top: number): number {
  return kHeight - kBottom - (value / top) * (kHeight - kBottom - kTop);
}

// A band from least to most and a line of the mean, interrupted where nothing is told.
function curve(points: Point[], top: number): SVGElement[] {
  const out: SVGElement[] = [];
  let run: [number, Point][] = [];
  const end = () => {
    if (run.length > 0) {
      const along = (value: (point: Point) => number | null) =>
        run.map(
          ([index, point]) => `${xOf(index, points.length).toFixed(1)} ${yOf(value(point) ?? 0, top).toFixed(1)}`,
        );
      const band = [...along(({ most }) => most), ...along(({ least }) => least).reverse()];
      out.push(svgElement('path', { class: 'band', d: `M${band.join('L')}Z` }));
      out.push(svgElement('path', { class: 'mean', d: `M${along(({ mean }) => mean).join('L')}` }));
    }
    run = [];
  };
  points.forEach((point, index) => {
    if (point.mean === null) end();
    else run.push([index, point]);
  });
  end();
  return out;
}

function bars(points: Point[], top: number, line: number): SVGElement[] {
  const width = Math.max(0.6, (kWidth / Math.max(1, points.length)) * 0.42);
  const path = points
    .map(({ sum }, index) => {
      if (sum === null || sum === 0) return '';
      const x = xOf(index, points.length) + (line === 0 ? -width : 0);
      return `M${x.toFixed(1)} ${(kHeight - kBottom).toFixed(1)}V${yOf(sum, top).toFixed(1)}h${width.toFixed(1)}V${(kHeight - kBottom).toFixed(1)}Z`;
    })
    .join('');
  return [svgElement('path', { class: line === 0 ? 'came' : 'left', d: path })];
}
