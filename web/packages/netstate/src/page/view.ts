// A view: one way to look at the graph. It is told of each change while it is shown, and of the last one when it is shown again.
import type { Graph } from '../graph/graph.js';
import type { Query } from './query.js';

export interface View {
  readonly element: HTMLElement;
  show(graph: Graph, query: Query): void;
  setVisible?(visible: boolean): void;
}
