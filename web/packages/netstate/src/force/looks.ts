// How the force view looks: a colour and a shape for each role, so that nobody has to tell roles apart by colour alone, and how strong a
// state is.
import type { NodeState, Role } from '../feed/messages.js';

export interface Colours {
  ground: string;
  ink: string;
  soft: string;
  edge: string;
  pick: string;
  roles: Record<Role, string>;
}

export const kLight: Colours = {
  ground: '#ffffff',
  ink: '#12232e',
  soft: '#4b5d69',
  edge: '#5d7280',
  pick: '#d97706',
  roles: { volunteer: '#0a716c', page: '#b35900', extension: '#7a4fa8', broker: '#3f6fb5', egress: '#12232e' },
};

export const kDark: Colours = {
  ground: '#0f1a21',
  ink: '#edf3f5',
  soft: '#a7b8c2',
  edge: '#7f95a1',
  pick: '#fbbf4a',
  roles: { volunteer: '#55cfc3', page: '#ffab5c', extension: '#c6a2ee', broker: '#8fb8f5', egress: '#edf3f5' },
};

// Corners around the middle, for a radius of one; a circle has none.
const kCorners: Record<Role, readonly (readonly [number, number])[]> = {
  volunteer: [],
  page: square(0.88),
  extension: polygon(3, -90, 1.2),
  broker: polygon(4, -90, 1.15),
  egress: polygon(6, 0, 1.1),
};
// One with people is full, one without is a ring, and who is about to go is pale.
const kStrength: Record<NodeState, number> = { ready: 1, helping: 1, paused: 0.55, draining: 0.55, silent: 0.3 };

export const kRadius: Record<Role, number> = { volunteer: 1, page: 1, extension: 1, broker: 1.7, egress: 2.1 };

function polygon(corners: number, turn: number, radius: number): [number, number][] {
  return Array.from({ length: corners }, (_, corner) => {
    const angle = ((turn + (corner * 360) / corners) * Math.PI) / 180;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

function square(half: number): [number, number][] {
  return [
    [-half, -half],
    [half, -half],
    [half, half],
    [-half, half],
  ];
}

export function isFull(role: Role, state: NodeState): boolean {
  return state === 'helping' || role === 'broker' || role === 'egress';
}

export function strengthOf(state: NodeState): number {
  return kStrength[state];
}

// As points of an SVG polygon; empty: a circle.
export function pointsOf(role: Role, x: number, y: number, radius: number): string {
  return kCorners[role].map(([dx, dy]) => `${(x + dx * radius).toFixed(1)},${(y + dy * radius).toFixed(1)}`).join(' ');
}

export function traceShape(path: CanvasPath, role: Role, x: number, y: number, radius: number): void {
  const corners = kCorners[role];
  if (corners.length === 0) path.arc(x, y, radius, 0, 2 * Math.PI);
  corners.forEach(([dx, dy], index) => {
    if (index === 0) path.moveTo(x + dx * radius, y + dy * radius);
    else path.lineTo(x + dx * radius, y + dy * radius);
  });
  path.closePath();
}
