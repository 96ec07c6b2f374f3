// Layout: where the nodes of the force view are. Neighbours attract each other, everybody else repels. It begins with a picture that is
// nearly right, each egress amid those who have a leg to it, so that it is of use before the first step; whoever is there already keeps his
// place when others come or go. Costs: one step of 10,000 nodes is tens of milliseconds, so it lives in a worker.
import {
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type Simulation,
  type SimulationLinkDatum,
  type SimulationNodeDatum,
} from 'd3-force';

const kSpacing = 9; // between neighbours at the beginning
const kGoldenAngle = Math.PI * (3 - Math.sqrt(5));
const kFreshHeat = 0.35;
const kNewsHeat = 0.06; // somebody came or went: the others move a little
const kSettled = 0.02;
const kHold = 0.02;
const kAloneHold = 0.09; // without a leg nothing else holds it back

export interface Shape {
  ids: Uint32Array; // netstate's public ids, which are eight hexadecimal digits
  egress: Uint8Array; // 1: is an egress
  edges: Uint32Array; // two places in ids each
}

interface Body extends SimulationNodeDatum {
  id: number;
  x: number;
  y: number;
  hold: number; // how strongly the middle attracts it
}

export class Layout {
  #bodies: Body[] = [];
  readonly #simulation: Simulation<Body, SimulationLinkDatum<Body>>;
  readonly #links = forceLink<Body, SimulationLinkDatum<Body>>().distance(34).iterations(1);

  constructor() {
    this.#simulation = forceSimulation<Body>([])
      .stop()
      .alphaMin(kSettled)
      .alphaDecay(0.035)
      .velocityDecay(0.5)
      .force('links', this.#links)
      .force('apart', forceManyBody<Body>().strength(-22).theta(1.2).distanceMax(400))
      .force(
        'x',
        forceX<Body>(0).strength(({ hold }) => hold),
      )
      .force(
        'y',
        forceY<Body>(0).strength(({ hold }) => hold * 1.3),
      ); // screens are wider than high
  }

  // Bound: what a snapshot may hold. An edge names places in ids.
  set({ ids, egress, edges }: Shape): void {
    const before = new Map(this.#bodies.map((body) => [body.id, body]));
    const seeds = seedsOf({ ids, egress, edges });
    let known = 0;
    this.#bodies = Array.from(ids, (id, index) => {
      const old = before.get(id);
      if (old) {
        ++known;
        return old;
      }
      return { id, x: seeds[2 * index] ?? 0, y: seeds[2 * index + 1] ?? 0, hold: kAloneHold };
    });
    // Who is new stands beside whom he has a leg to, wherever that one has drifted.
    if (known > 0) this.#placeNewcomers(before, edges);
    for (const body of this.#bodies) body.hold = kAloneHold;
    const links: SimulationLinkDatum<Body>[] = [];
    for (let at = 0; at + 1 < edges.length; at += 2) {
      const source = this.#bodies[edges[at] ?? 0];
      const target = this.#bodies[edges[at + 1] ?? 0];
      if (!source || !target) continue;
      source.hold = target.hold = kHold;
      links.push({ source, target });
    }
    this.#simulation.nodes(this.#bodies);
    this.#links.links(links);
    const heat = known * 2 < ids.length ? kFreshHeat : kNewsHeat;
    this.#simulation.alpha(Math.max(this.#simulation.alpha(), heat));
  }

  get isSettled(): boolean {
    return this.#bodies.length === 0 || this.#simulation.alpha() <= kSettled;
  }

  step(): void {
    this.#simulation.tick();
  }

  // x and y of each node, in the order of ids.
  places(): Float32Array {
    const out = new Float32Array(2 * this.#bodies.length);
    this.#bodies.forEach(({ x, y }, index) => {
      out[2 * index] = x;
      out[2 * index + 1] = y;
    });
    return out;
  }

  #placeNewcomers(before: Map<number, Body>, edges: Uint32Array): void {
    for (let at = 0; at + 1 < edges.length; at += 2) {
      const from = this.#bodies[edges[at] ?? 0];
      const to = this.#bodies[edges[at + 1] ?? 0];
      if (!from || !to || before.has(from.id) || !before.has(to.id)) continue;
      const angle = (from.id % 360) * (Math.PI / 180);
      from.x = to.x + 40 * Math.cos(angle);
      from.y = to.y + 40 * Math.sin(angle);
    }
  }
}

// Each egress with its neighbours around it in a spiral, these spirals side by side on a circle, and whoever has no leg around all.
export function seedsOf({ ids, egress, edges }: Shape): Float32Array {
  const homes = new Int32Array(ids.length).fill(-1);
  const crowds = new Map<number, number[]>();
  ids.forEach((_, index) => {
    if (egress[index]) crowds.set(index, []);
  });
  for (let at = 0; at + 1 < edges.length; at += 2) {
    const from = edges[at] ?? 0;
    const to = edges[at + 1] ?? 0;
    if (egress[from] || homes[from] !== -1) continue;
    homes[from] = to;
    crowds.get(to)?.push(from);
  }
  const places = new Float32Array(2 * ids.length);
  const put = (index: number, x: number, y: number) => {
    places[2 * index] = x;
    places[2 * index + 1] = y;
  };
  const radii = [...crowds.values()].map((crowd) => kSpacing * Math.sqrt(crowd.length + 1) + 2 * kSpacing);
  const around = radii.reduce((sum, radius) => sum + 2 * radius, 0);
  const ring = crowds.size > 1 ? 1.2 * Math.max(around / (2 * Math.PI), Math.max(...radii)) : 0;
  let travelled = 0;
  let number = 0;
  for (const [centre, crowd] of crowds) {
    const radius = radii[number++] ?? 0;
    const angle = around === 0 ? 0 : ((travelled + radius) / around) * 2 * Math.PI;
    travelled += 2 * radius;
    const [x, y] = [ring * Math.cos(angle), ring * Math.sin(angle)];
    put(centre, x, y);
    crowd.forEach((index, place) => {
      const out = kSpacing * Math.sqrt(place + 2);
      put(index, x + out * Math.cos(place * kGoldenAngle), y + out * Math.sin(place * kGoldenAngle));
    });
  }
  const outside = ring + Math.max(0, ...radii) + 2 * kSpacing;
  let alone = 0;
  ids.forEach((_, index) => {
    if (egress[index] || homes[index] !== -1) return;
    const place = alone++;
    const out = Math.sqrt(outside * outside + place * kSpacing * kSpacing);
    put(index, out * Math.cos(place * kGoldenAngle), out * Math.sin(place * kGoldenAngle));
  });
  return places;
}
