// Saving: what is shown, as a file: JSON and SVG are made here, DOT by netstate. While an earlier hour is replayed only what is made here is
// offered, as netstate would say what is now.
import { make } from '@footbridge/frame/dom';
import type { Graph } from '../graph/graph.js';
import { words } from '../words.js';

export function jsonText(graph: Graph): string {
  return `${JSON.stringify(graph.snapshot())}\n`;
}

export class Saving {
  readonly element: HTMLElement;
  readonly dot = make('a', { href: 'snapshot.dot', download: 'netstate.dot' }, words.saveDot);

  constructor(graph: () => Graph, svg: () => string) {
    const button = (text: string, act: () => void) => make('button', { type: 'button', click: act }, text);
    this.element = make(
      'div',
      { class: 'saving', role: 'group', 'aria-label': words.save },
      make('span', { class: 'soft', 'aria-hidden': 'true' }, words.save),
      button(words.saveJson, () => save('netstate.json', 'application/json', jsonText(graph()))),
      this.dot,
      button(words.saveSvg, () => save('netstate.svg', 'image/svg+xml', svg())),
    );
  }
}

function save(name: string, type: string, text: string): void {
  const href = URL.createObjectURL(new Blob([text], { type }));
  make('a', { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000); // a browser may ask first where to
}
