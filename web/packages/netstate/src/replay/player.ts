// Player: the last hour again, as fast as is wished. Time is given to it. Going back begins at the keyframe again, or at the nearest of the
// marks that it leaves on its way, so that a slider is quick in both directions.
import { type Delta, parseDelta, parseSnapshot, type Snapshot } from '../feed/messages.js';
import { Graph } from '../graph/graph.js';

export const kSpeed = 60;
const kMarkEvery = 400; // deltas
const kMostMarks = 24; // snapshots kept
const kMaxDeltas = 20_000;

export interface Recording {
  from: number;
  to: number;
  keyframe: Snapshot;
  deltas: Delta[];
}

export function parseRecording(value: unknown): Recording | null {
  if (typeof value !== 'object' || value === null) return null;
  const { from, to, keyframe, deltas } = value as Record<string, unknown>;
  const first = parseSnapshot(keyframe);
  if (typeof from !== 'number' || typeof to !== 'number' || !(from <= to) || !first) return null;
  if (!Array.isArray(deltas) || deltas.length > kMaxDeltas) return null;
  const parsed: Delta[] = [];
  for (const each of deltas) {
    const delta = parseDelta(each);
    if (!delta) return null;
    parsed.push(delta);
  }
  return { from, to, keyframe: first, deltas: parsed };
}

export class Player {
  readonly graph = new Graph();
  readonly from: number;
  readonly to: number;
  at: number; // of the recording
  playing = false;
  readonly #recording: Recording;
  readonly #marks: { next: number; snapshot: Snapshot }[] = [];
  #next = 0; // the delta that comes next
  #clock: number | null = null;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.from = recording.from;
    this.to = recording.to;
    this.at = recording.from;
    this.graph.load(recording.keyframe);
    this.#runTo(this.at);
  }

  play(now: number): void {
    if (this.at >= this.to) this.seek(this.from);
    this.playing = true;
    this.#clock = now;
  }

  pause(now: number): void {
    this.onClock(now);
    this.playing = false;
  }

  // Whether anything may have changed.
  onClock(now: number): boolean {
    if (!this.playing || this.#clock === null) return false;
    this.at = Math.min(this.to, this.at + Math.max(0, now - this.#clock) * kSpeed);
    this.#clock = now;
    this.#runTo(this.at);
    if (this.at >= this.to) this.playing = false;
    return true;
  }

  seek(at: number): void {
    const wanted = Math.min(this.to, Math.max(this.from, at));
    if (wanted < this.at) this.#goBack(wanted);
    this.at = wanted;
    this.#runTo(wanted);
  }

  #goBack(at: number): void {
    const mark = this.#marks.filter(({ snapshot }) => snapshot.at <= at).at(-1);
    this.#next = mark?.next ?? 0;
    this.graph.load(mark?.snapshot ?? this.#recording.keyframe);
  }

  #runTo(at: number): void {
    const { deltas } = this.#recording;
    for (let delta = deltas[this.#next]; delta && delta.at <= at; delta = deltas[this.#next]) {
      this.graph.apply(delta);
      ++this.#next;
      const last = this.#marks.at(-1)?.next ?? 0;
      const every = Math.max(kMarkEvery, Math.ceil(deltas.length / kMostMarks));
      if (this.#next >= last + every) this.#marks.push({ next: this.#next, snapshot: this.graph.snapshot() });
    }
  }
}
