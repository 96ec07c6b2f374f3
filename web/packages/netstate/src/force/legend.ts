// What the shapes and lines of the force view mean.
import { make } from '@footbridge/frame/dom';
import { kRoles } from '../feed/messages.js';
import { svgElement } from '../page/svg_element.js';
import { words } from '../words.js';
import { pointsOf } from './looks.js';

export function legend(): HTMLElement {
  const list = make('ul', { class: 'legend', 'aria-label': words.legend });
  for (const role of kRoles) {
    const points = pointsOf(role, 8, 8, 5.5);
    const shape = points
      ? svgElement('polygon', { points, class: `role-${role}` })
      : svgElement('circle', { cx: 8, cy: 8, r: 5.5, class: `role-${role}` });
    list.append(make('li', {}, picture(shape), words.roles[role]));
  }
  const line = (more: Record<string, string | number>) => svgElement('line', { x1: 0, x2: 16, y1: 8, y2: 8, ...more });
  const strands = [line({ y1: 5, y2: 5 }), line({}), line({ y1: 11, y2: 11 })];
  list.append(make('li', {}, picture(...strands), words.legendStrands));
  list.append(make('li', {}, picture(line({ 'stroke-dasharray': '1.5 3' })), words.legendFew));
  const ring = svgElement('circle', { cx: 8, cy: 8, r: 5, class: 'ring' });
  list.append(make('li', {}, picture(ring), words.legendIdle));
  return list;
}

function picture(...children: SVGElement[]): SVGElement {
  return svgElement('svg', { viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' }, ...children);
}
