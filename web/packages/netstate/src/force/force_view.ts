// ForceView: every node by itself on a canvas, with its legs. The layout comes from a worker; between two of its steps nodes glide, except
// for who wants no motion. It draws when something has changed and it can be seen, and otherwise nothing.
import { make } from '@footbridge/frame/dom';
import type { Graph } from '../graph/graph.js';
import { isEverybody, matches, type Query } from '../page/query.js';
import type { View } from '../page/view.js';
import { words } from '../words.js';
import { Camera } from './camera.js';
import { Gestures } from './gestures.js';
import { seedsOf } from './layout.js';
import { LayoutLink } from './layout_link.js';
import { legend } from './legend.js';
import { kDark, kLight } from './looks.js';
import { type Drawn, Painter, type Picture } from './painter.js';
import { Picker } from './picker.js';
import { Scene } from './scene.js';
import { toSvg } from './svg.js';

const kGlideMs = 260; // at most, between two places
const kReach = 14; // CSS pixels around the pointer
const kManyEdges = 4_000;
const kEdgesEveryMs = 120; // of many edges

export class ForceView implements View {
  readonly element: HTMLElement;
  readonly canvas = make('canvas', { tabindex: 0, role: 'img', 'aria-describedby': 'force-keys' });
  readonly #under = make('canvas', { 'aria-hidden': 'true', class: 'under' }); // the edges
  readonly camera = new Camera();
  frames = 0;
  readonly #label = make('p', { class: 'hover', 'aria-hidden': 'true' });
  readonly #onPick: (id: string | null) => void;
  readonly #painter = new Painter();
  readonly #picker = new Picker();
  readonly #stillness = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  #link: LayoutLink | null = null;
  #graph: Graph | null = null;
  #query: Query | null = null;
  #scene: Scene | null = null;
  #next: Scene | null = null; // waits for its first places
  #from: Float32Array = new Float32Array(0);
  #to: Float32Array = new Float32Array(0);
  #now: Float32Array = new Float32Array(0);
  #toldAt = 0;
  #glideMs = kGlideMs;
  #follows = true; // nobody has moved the camera yet: everybody is kept in sight
  #matches: Uint8Array | null = null;
  #picked: string | null = null;
  #hovered = -1;
  #visible = false;
  #request = 0;
  #edgesAt = -Infinity;
  #edgesSeen = this.camera.view();

  constructor(onPick: (id: string | null) => void) {
    this.#onPick = onPick;
    const button = (text: string, label: string, act: () => void) =>
      make('button', { type: 'button', 'aria-label': label, title: label, click: act }, text);
    const zooms = make(
      'div',
      { class: 'zooms' },
      button('+', words.zoomIn, () => this.#zoom(1.5)),
      button('−', words.zoomOut, () => this.#zoom(1 / 1.5)),
      button('⤢', words.zoomFit, () => this.fit()),
    );
    const stage = make('div', { class: 'stage' }, this.#under, this.canvas, this.#label, zooms);
    const keys = make('p', { class: 'note', id: 'force-keys' }, words.forceKeys);
    this.element = make('section', { class: 'force', 'aria-label': words.views.graph }, stage, legend(), keys);
    new Gestures(this.canvas, {
      pan: (x, y) => {
        this.camera.pan(x, y);
        this.#moved();
      },
      zoom: (factor, x, y) => this.#zoom(factor, x, y),
      point: (x, y) => this.#point(x, y),
      press: (x, y) => {
        const index = this.#at(x, y);
        this.#onPick(index < 0 ? null : (this.#scene?.ids[index] ?? null));
      },
      fit: () => this.fit(),
    });
    new ResizeObserver(() => this.#ask()).observe(this.canvas);
    this.#dark.addEventListener('change', () => this.#ask());
    this.#stillness.addEventListener('change', () => this.#run());
    document.addEventListener('visibilitychange', () => this.#run());
  }

  get drawn(): Drawn {
    return this.#painter.drawn;
  }

  show(graph: Graph, query: Query): void {
    this.#graph = graph;
    this.#query = query;
    if (!this.#visible) return;
    const newest = this.#next ?? this.#scene;
    if (!newest?.isOf(graph)) {
      this.#next = new Scene(graph);
      this.#link ??= new LayoutLink((places, isFirst, settled) => this.#onPlaces(places, isFirst, settled));
      this.#link.set(this.#next);
      this.#run();
    } else {
      newest.refresh(graph);
    }
    this.#match();
    this.canvas.setAttribute('aria-label', words.forceLabel(graph.nodes.size, graph.edges.size));
    this.#ask();
  }

  pick(id: string | null): void {
    this.#picked = id;
    this.#ask();
  }

  setVisible(visible: boolean): void {
    this.#visible = visible;
    if (visible && this.#graph && this.#query) this.show(this.#graph, this.#query);
    this.#run();
  }

  fit(): void {
    this.#follows = true;
    this.camera.fit(this.#to);
    this.#ask();
  }

  // All of it as a picture, whether the view has been shown or not.
  svg(graph: Graph): string {
    const scene = this.#scene?.isOf(graph) ? this.#scene : new Scene(graph);
    const places = scene === this.#scene ? this.#to : seedsOf(scene.toLayout());
    return toSvg(graph, scene, places);
  }

  #run(): void {
    this.#link?.run(this.#visible && !document.hidden, this.#stillness.matches);
    this.#ask();
  }

  #zoom(factor: number, x?: number, y?: number): void {
    this.camera.zoom(factor, x, y);
    this.#moved();
  }

  #moved(): void {
    this.#follows = false;
    this.#ask();
  }

  #onPlaces(places: Float32Array, isFirst: boolean, settled: boolean): void {
    const now = performance.now();
    if (isFirst && this.#next) {
      this.#from = this.#scene ? this.#next.carryOver(this.#scene, this.#now, places) : places;
      this.#scene = this.#next;
      this.#next = null;
      this.#hovered = -1;
      this.#match();
    } else {
      this.#from = this.#now.length === places.length ? this.#now.slice() : places;
    }
    this.#glideMs = settled ? kGlideMs : Math.min(kGlideMs, Math.max(16, now - this.#toldAt));
    this.#toldAt = now;
    this.#to = places;
    this.#ask();
  }

  #match(): void {
    const [scene, graph, query] = [this.#scene, this.#graph, this.#query];
    this.#matches = null;
    if (!scene || !graph || !query || isEverybody(query)) return;
    this.#matches = Uint8Array.from(scene.ids, (id) => {
      const node = graph.nodes.get(id);
      return node && matches(node, query) ? 1 : 0;
    });
  }

  #at(x: number, y: number): number {
    const { camera } = this;
    return this.#picker.at(this.#now, camera.toLayoutX(x), camera.toLayoutY(y), kReach / camera.scale);
  }

  #point(x: number | null, y: number): void {
    const index = x === null ? -1 : this.#at(x, y);
    if (index === this.#hovered) return;
    this.#hovered = index;
    this.canvas.classList.toggle('points', index >= 0);
    this.#ask();
  }

  #ask(): void {
    if (!this.#visible || document.hidden || this.#request !== 0) return;
    this.#request = requestAnimationFrame((now) => {
      this.#request = 0;
      this.#draw(now);
    });
  }

  #draw(now: number): void {
    const scene = this.#scene;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const nodes = cleared(this.canvas, width, height, ratio);
    if (!scene || !nodes) return;
    this.camera.width = width;
    this.camera.height = height;
    const glides = this.#glide(now);
    if (this.#follows) this.camera.fit(this.#now);
    const picked = this.#picked === null ? -1 : (scene.indexOf.get(this.#picked) ?? -1);
    const picture: Picture = {
      scene,
      places: this.#now,
      camera: this.camera,
      colours: this.#dark.matches ? kDark : kLight,
      matches: this.#matches,
      picked,
      hovered: this.#hovered,
    };
    // Thousands of lines cost more than everything else: while they move they are painted less often, and moved with the camera.
    const waits = scene.strands.length > kManyEdges && now < this.#edgesAt + kEdgesEveryMs;
    if (!waits) {
      const edges = cleared(this.#under, width, height, ratio);
      if (edges) this.#painter.paintEdges(edges, picture);
      this.#edgesAt = now;
      this.#edgesSeen = this.camera.view();
    }
    this.#under.style.transform = this.camera.since(this.#edgesSeen);
    this.#painter.paintNodes(nodes, picture);
    this.#placeLabel(scene);
    ++this.frames;
    if (glides || waits) this.#ask();
  }

  // Moves everybody on towards his place. Whether somebody is still on the way.
  #glide(now: number): boolean {
    if (this.#from.length !== this.#to.length) this.#from = this.#to;
    const part = this.#stillness.matches ? 1 : Math.min(1, Math.max(0, (now - this.#toldAt) / this.#glideMs));
    if (this.#now.length !== this.#to.length || part < 1) this.#now = new Float32Array(this.#to.length);
    if (part >= 1) {
      this.#now = this.#to;
      return false;
    }
    for (let at = 0; at < this.#to.length; ++at) {
      const from = this.#from[at] ?? 0;
      this.#now[at] = from + ((this.#to[at] ?? 0) - from) * part;
    }
    return true;
  }

  #placeLabel(scene: Scene): void {
    const id = scene.ids[this.#hovered];
    const node = id === undefined ? undefined : this.#graph?.nodes.get(id);
    this.#label.hidden = !node;
    if (!node) return;
    this.#label.textContent = words.nodeLine(node);
    const x = this.camera.toScreenX(this.#now[2 * this.#hovered] ?? 0);
    const y = this.camera.toScreenY(this.#now[2 * this.#hovered + 1] ?? 0);
    this.#label.style.translate = `${Math.round(x)}px ${Math.round(y)}px`;
  }
}

// The canvas in its size, with nothing on it; null while it has none.
function cleared(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  ratio: number,
): CanvasRenderingContext2D | null {
  const context = canvas.getContext('2d');
  if (!context || width === 0 || height === 0) return null;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
