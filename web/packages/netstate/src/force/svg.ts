// The force view as an SVG picture that needs nothing else: what is exported. Every edge and node of the scene is in it, with what is known
// of it as its title; light colours, as it will be printed.
import { kStates } from '../feed/messages.js';
import type { Graph } from '../graph/graph.js';
import { words } from '../words.js';
import { isFull, kLight, kRadius, pointsOf, strengthOf } from './looks.js';
import type { Scene } from './scene.js';
import { strandsOf } from './strands.js';

const kMargin = 40;
const kNodeRadius = 4;

export function toSvg(graph: Graph, scene: Scene, places: Float32Array): string {
  const place = (index: number) => [places[2 * index] ?? 0, places[2 * index + 1] ?? 0] as const;
  const xs = scene.ids.map((_, index) => place(index)[0]);
  const ys = scene.ids.map((_, index) => place(index)[1]);
  const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b), 0) - kMargin;
  const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b), 0) + kMargin;
  const [left, top] = [least(xs), least(ys)];
  const box = [left, top, most(xs) - left, most(ys) - top].map((value) => value.toFixed(0)).join(' ');
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" font-family="sans-serif">`,
    `<title>${escaped(words.svgTitle(graph))}</title>`,
    `<rect x="${left.toFixed(0)}" y="${top.toFixed(0)}" width="100%" height="100%" fill="${kLight.ground}"/>`,
    `<g stroke="${kLight.edge}" stroke-opacity="0.6" fill="none">`,
  ];
  for (const edge of graph.edges.values()) {
    const [from, to] = [scene.indexOf.get(edge.from), scene.indexOf.get(edge.to)];
    if (from === undefined || to === undefined) continue;
    const { lines, width, dotted } = strandsOf(edge.people);
    const [[ax, ay], [bx, by]] = [place(from), place(to)];
    const length = Math.hypot(bx - ax, by - ay) || 1;
    const [dx, dy] = [(bx - ax) / length, (by - ay) / length];
    const title = `<title>${escaped(words.edgeLine(edge))}</title>`;
    const dash = dotted ? ' stroke-dasharray="1 2"' : '';
    out.push(`<g stroke-width="${(width / 2).toFixed(1)}"${dash}>${title}`);
    for (let line = 0; line < lines; ++line) {
      const aside = (line - (lines - 1) / 2) * 1.6;
      const ends = [ax - dy * aside, ay + dx * aside, bx - dy * aside, by + dx * aside].map((it) => it.toFixed(1));
      out.push(`<path d="M${ends[0]} ${ends[1]}L${ends[2]} ${ends[3]}"/>`);
    }
    out.push('</g>');
  }
  out.push('</g>');
  scene.ids.forEach((id, index) => {
    const node = graph.nodes.get(id);
    if (!node) return;
    const [x, y] = place(index);
    const { role } = node;
    const state = kStates[scene.states[index] ?? 0] ?? 'ready';
    const radius = kNodeRadius * kRadius[role];
    const [fill, stroke] = isFull(role, state)
      ? [kLight.roles[role], kLight.ground]
      : [kLight.ground, kLight.roles[role]];
    const look = `fill="${fill}" stroke="${stroke}" stroke-width="1.2" opacity="${strengthOf(state)}"`;
    const title = `<title>${escaped(words.nodeLine(node))}</title>`;
    const points = pointsOf(role, x, y, radius);
    if (points) out.push(`<polygon points="${points}" ${look}>${title}</polygon>`);
    else out.push(`<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}" ${look}>${title}</circle>`);
  });
  out.push('</svg>');
  return out.join('\n');
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.codePointAt(0)};`);
}
