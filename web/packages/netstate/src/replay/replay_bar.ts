// ReplayBar: what leads a replay: play and pause, a slider over the hour, and the way back to now.
import { make, say } from '@footbridge/frame/dom';
import { words } from '../words.js';
import { kSpeed, type Player } from './player.js';

export class ReplayBar {
  readonly element: HTMLElement;
  readonly #button = make('button', { type: 'button', class: 'play' }, words.pause);
  readonly #slider = make('input', { type: 'range', min: 0, max: 1_000, step: 1, 'aria-label': words.replayAt });
  readonly #time = make('output', {});
  #player: Player | null = null;

  constructor(onMoved: () => void, onBack: () => void) {
    const back = make('button', { type: 'button', click: onBack }, words.backToLive);
    const title = make('strong', {}, words.replayTitle);
    const speed = make('span', { class: 'soft' }, words.speed(kSpeed));
    this.element = make(
      'section',
      { class: 'replay', 'aria-label': words.replayTitle, hidden: true },
      title,
      this.#button,
      this.#slider,
      this.#time,
      speed,
      back,
    );
    this.#button.addEventListener('click', () => {
      const now = performance.now();
      if (this.#player?.playing) this.#player.pause(now);
      else this.#player?.play(now);
      this.show();
      onMoved();
    });
    this.#slider.addEventListener('input', () => {
      const { from, to } = this.#player ?? { from: 0, to: 0 };
      this.#player?.seek(from + ((to - from) * Number(this.#slider.value)) / 1_000);
      this.show();
      onMoved();
    });
  }

  lead(player: Player | null): void {
    this.#player = player;
    this.element.hidden = player === null;
    this.show();
    if (player) this.#button.focus();
  }

  show(): void {
    const player = this.#player;
    if (!player) return;
    say(this.#button, player.playing ? words.pause : words.play);
    const part = player.to > player.from ? (player.at - player.from) / (player.to - player.from) : 1;
    this.#slider.value = String(Math.round(part * 1_000));
    this.#slider.setAttribute('aria-valuetext', words.time(player.at));
    say(this.#time, words.time(player.at));
  }
}
