// Painter: draws a scene through a camera. From afar edges are hair lines; near by they are strands with an arrow to the egress, and what
// was drawn of them is kept, for who wants to compare it with the data. What is out of sight is left out.
import { kRoles, kStates, type NodeState, type Role } from '../feed/messages.js';
import type { Camera } from './camera.js';
import { type Colours, isFull, kRadius, strengthOf, traceShape } from './looks.js';
import type { Scene } from './scene.js';
import { peopleOf, type Strands } from './strands.js';

export const kMostNear = 1_500; // edges in sight that are drawn one by one
const kNearScale = 0.55;
const kChunk = 400; // lines of one stroke
const kSmall = 2.4; // CSS pixels: a shape that is drawn of rectangles
const kStrandGap = 3.2; // CSS pixels
const kDimmed = 0.12;

export interface Drawn {
  near: boolean;
  nodes: number;
  edges: { from: string; to: string; lines: number; people: number | null }[]; // near by only
  lines: number;
}

// What is painted, from where it is seen, and who stands out.
export interface Picture {
  scene: Scene;
  places: Float32Array; // x and y of each node
  camera: Camera;
  colours: Colours;
  matches: Uint8Array | null; // 1 for who is looked for; null: nobody in particular
  picked: number; // -1: nobody
  hovered: number;
}

export function radiusAt(scale: number): number {
  return Math.min(9, Math.max(1.6, Math.round(8.4 * scale ** 0.8) / 2));
}

export class Painter {
  drawn: Drawn = { near: false, nodes: 0, edges: [], lines: 0 };

  paintEdges(context: CanvasRenderingContext2D, picture: Picture): void {
    const { scene, camera } = picture;
    const seen = this.#edgesInSight(picture);
    const near = seen.length <= kMostNear && (camera.scale >= kNearScale || scene.ids.length <= 400);
    this.drawn = { near, nodes: this.drawn.nodes, edges: [], lines: 0 };
    if (near) this.#nearEdges(context, picture, seen);
    else this.#hairLines(context, picture, seen);
  }

  #edgesInSight({ scene: { edges }, places, camera }: Picture): number[] {
    const { left, top, right, bottom } = camera.seen();
    const seen: number[] = [];
    for (let edge = 0; 2 * edge < edges.length; ++edge) {
      const from = 2 * (edges[2 * edge] ?? 0);
      const to = 2 * (edges[2 * edge + 1] ?? 0);
      const [ax, ay, bx, by] = [places[from] ?? 0, places[from + 1] ?? 0, places[to] ?? 0, places[to + 1] ?? 0];
      if ((ax < left && bx < left) || (ax > right && bx > right)) continue;
      if ((ay < top && by < top) || (ay > bottom && by > bottom)) continue;
      seen.push(edge);
    }
    return seen;
  }

  // An edge is bright when one of its ends is pointed at, or when both or one of them are looked for.
  #isBright({ scene, matches, picked, hovered }: Picture, edge: number): boolean {
    const [from, to] = [scene.edges[2 * edge] ?? 0, scene.edges[2 * edge + 1] ?? 0];
    if (from === picked || to === picked || from === hovered || to === hovered) return true;
    return matches !== null && matches[from] === 1;
  }

  #hairLines(context: CanvasRenderingContext2D, picture: Picture, seen: number[]): void {
    const { scene, places, camera, colours, matches } = picture;
    const { scale, x, y, width, height } = camera;
    const [shiftX, shiftY] = [width / 2 - x * scale, height / 2 - y * scale];
    const line = (edge: number) => {
      const from = 2 * (scene.edges[2 * edge] ?? 0);
      const to = 2 * (scene.edges[2 * edge + 1] ?? 0);
      context.moveTo((places[from] ?? 0) * scale + shiftX, (places[from + 1] ?? 0) * scale + shiftY);
      context.lineTo((places[to] ?? 0) * scale + shiftX, (places[to + 1] ?? 0) * scale + shiftY);
    };
    const bright: number[] = [];
    const dim = matches !== null;
    context.lineWidth = 1;
    context.strokeStyle = colours.edge;
    // The more there are, the fainter is each.
    const alpha = Math.min(0.5, Math.max(0.1, 700 / (seen.length + 1)));
    context.globalAlpha = dim ? alpha * 0.4 : alpha;
    for (let at = 0; at < seen.length; at += kChunk) {
      context.beginPath();
      for (let edge = at; edge < Math.min(at + kChunk, seen.length); ++edge) {
        const place = seen[edge] ?? 0;
        if (this.#isBright(picture, place)) bright.push(place);
        else line(place);
      }
      context.stroke();
    }
    context.globalAlpha = 0.8;
    context.strokeStyle = colours.pick;
    for (let at = 0; at < bright.length; at += kChunk) {
      context.beginPath();
      for (const edge of bright.slice(at, at + kChunk)) line(edge);
      context.stroke();
    }
    context.globalAlpha = 1;
    this.drawn.lines = seen.length;
  }

  #nearEdges(context: CanvasRenderingContext2D, picture: Picture, seen: number[]): void {
    const { scene, places, camera, colours, matches } = picture;
    context.font = '600 11px system-ui, sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (const edge of seen) {
      const from = scene.edges[2 * edge] ?? 0;
      const to = scene.edges[2 * edge + 1] ?? 0;
      const strands = scene.strands[edge];
      if (!strands) continue;
      const bright = this.#isBright(picture, edge);
      context.strokeStyle = context.fillStyle = bright ? colours.pick : colours.edge;
      context.globalAlpha = bright ? 1 : matches ? kDimmed : strands.width < 1 ? 0.45 : 0.75;
      const ends = [
        camera.toScreenX(places[2 * from] ?? 0),
        camera.toScreenY(places[2 * from + 1] ?? 0),
        camera.toScreenX(places[2 * to] ?? 0),
        camera.toScreenY(places[2 * to + 1] ?? 0),
      ] as const;
      const lines = strand(context, ends, strands, radiusAt(camera.scale) * kRadius[scene.roleAt(to)], colours);
      this.drawn.lines += lines;
      this.drawn.edges.push({ from: scene.ids[from] ?? '', to: scene.ids[to] ?? '', lines, people: peopleOf(strands) });
    }
    context.globalAlpha = 1;
  }

  paintNodes(context: CanvasRenderingContext2D, picture: Picture): void {
    const { scene, places, camera, colours, matches, picked, hovered } = picture;
    this.drawn.nodes = 0;
    const radius = radiusAt(camera.scale);
    const dimmed = (index: number) => matches !== null && matches[index] !== 1;
    scene.byLook.forEach((nodes, look) => {
      const role = kRoles[Math.floor(look / kStates.length)] ?? 'volunteer';
      const state = kStates[look % kStates.length] ?? 'ready';
      const seen = this.#inSight(nodes, picture, 3 * radius);
      this.drawn.nodes += seen.length;
      const style = { role, state, radius: radius * kRadius[role] };
      context.globalAlpha = kDimmed;
      shapes(context, picture, seen.filter(dimmed), style);
      context.globalAlpha = strengthOf(state);
      shapes(context, picture, matches ? seen.filter((index) => !dimmed(index)) : seen, style);
    });
    context.globalAlpha = 1;
    for (const index of new Set([picked, hovered])) {
      if (index < 0) continue;
      const role = scene.roleAt(index);
      context.beginPath();
      const x = camera.toScreenX(places[2 * index] ?? 0);
      const y = camera.toScreenY(places[2 * index + 1] ?? 0);
      traceShape(context, role, x, y, radius * kRadius[role] + 4);
      context.strokeStyle = colours.pick;
      context.lineWidth = 2.5;
      context.stroke();
    }
  }

  #inSight(nodes: number[], { places, camera }: Picture, margin: number): number[] {
    const { left, top, right, bottom } = camera.seen();
    const around = margin / camera.scale;
    return nodes.filter((index) => {
      const [x, y] = [places[2 * index] ?? 0, places[2 * index + 1] ?? 0];
      return x > left - around && x < right + around && y > top - around && y < bottom + around;
    });
  }
}

interface Style {
  role: Role;
  state: NodeState;
  radius: number;
}

function shapes(
  context: CanvasRenderingContext2D,
  { places, camera, colours }: Picture,
  nodes: number[],
  { role, state, radius }: Style,
): void {
  const full = isFull(role, state);
  const { scale } = camera;
  const [shiftX, shiftY] = [camera.width / 2 - camera.x * scale, camera.height / 2 - camera.y * scale];
  if (radius <= kSmall) {
    context.fillStyle = colours.roles[role];
    for (const index of nodes) {
      const [x, y] = [(places[2 * index] ?? 0) * scale + shiftX, (places[2 * index + 1] ?? 0) * scale + shiftY];
      if (full) tiny(context, role, x, y);
      else context.fillRect(x - 1.1, y - 1.1, 2.2, 2.2); // helps nobody now: as small as a ring is empty
    }
    return;
  }
  context.fillStyle = full ? colours.roles[role] : colours.ground;
  context.strokeStyle = full ? colours.ground : colours.roles[role];
  context.lineWidth = Math.max(1, radius * 0.28);
  for (const index of nodes) {
    context.beginPath();
    traceShape(
      context,
      role,
      (places[2 * index] ?? 0) * scale + shiftX,
      (places[2 * index + 1] ?? 0) * scale + shiftY,
      radius,
    );
    context.fill();
    context.stroke();
  }
}

// A shape of a few pixels, of rectangles: thousands of those are painted many times as fast as as many paths or pictures.
function tiny(context: CanvasRenderingContext2D, role: Role, x: number, y: number): void {
  if (role === 'page') {
    context.fillRect(x - 1.6, y - 1.6, 3.2, 3.2);
  } else if (role === 'extension') {
    context.fillRect(x - 0.8, y - 2, 1.6, 2);
    context.fillRect(x - 2, y, 4, 1.6);
  } else {
    context.fillRect(x - 1.9, y - 1, 3.8, 2);
    context.fillRect(x - 1, y - 1.9, 2, 3.8);
  }
}

// Lines from one node to another, side by side, with an arrow before the far one. Returns how many.
function strand(
  context: CanvasRenderingContext2D,
  [ax, ay, bx, by]: readonly [number, number, number, number],
  { lines, width, dotted, label }: Strands,
  farRadius: number,
  colours: Colours,
): number {
  const length = Math.hypot(bx - ax, by - ay);
  if (length < 1) return lines;
  const [dx, dy] = [(bx - ax) / length, (by - ay) / length];
  context.lineWidth = width;
  context.setLineDash(dotted ? [1.5, 3.5] : []);
  context.beginPath();
  for (let line = 0; line < lines; ++line) {
    const aside = (line - (lines - 1) / 2) * kStrandGap;
    context.moveTo(ax - dy * aside, ay + dx * aside);
    context.lineTo(bx - dy * aside, by + dx * aside);
  }
  context.stroke();
  context.setLineDash([]);
  const tip = length - farRadius * 1.2 - 1;
  const size = 4 + width;
  if (tip > 2 * size) {
    const [tx, ty] = [ax + dx * tip, ay + dy * tip];
    context.beginPath();
    context.moveTo(tx, ty);
    context.lineTo(tx - dx * size * 1.6 - dy * size, ty - dy * size * 1.6 + dx * size);
    context.lineTo(tx - dx * size * 1.6 + dy * size, ty - dy * size * 1.6 - dx * size);
    context.fill();
  }
  if (label !== '' && length > 40) {
    const [x, y] = [(ax + bx) / 2, (ay + by) / 2];
    const half = 4 + label.length * 3.4;
    const before = context.fillStyle;
    context.fillStyle = colours.ground;
    context.fillRect(x - half, y - 7, 2 * half, 14);
    context.fillStyle = colours.ink;
    context.fillText(label, x, y + 0.5);
    context.fillStyle = before;
  }
  return lines;
}
