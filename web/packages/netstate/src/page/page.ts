// Page: puts everything together: the feed fills the live graph; what is shown is that or a replay's; one view at a time, beside the details
// of who was picked. It renders at most every kRenderMs, when something has changed and the tab is looked at.
import { make, say } from '@footbridge/frame/dom';
import { Feed } from '../feed/feed.js';
import { jsonOf } from '../feed/messages.js';
import { ForceView } from '../force/force_view.js';
import { Graph } from '../graph/graph.js';
import { Player, parseRecording } from '../replay/player.js';
import { ReplayBar } from '../replay/replay_bar.js';
import { HistoryView } from '../series/history_view.js';
import { TableView } from '../table/table_view.js';
import { words } from '../words.js';
import { WorldView } from '../world/world_view.js';
import { Details } from './details.js';
import { Head } from './head.js';
import { Overview } from './overview.js';
import { Saving } from './saving.js';
import { Tabs, type ViewName } from './tabs.js';
import { TokenForm } from './token_form.js';
import { Toolbar } from './toolbar.js';
import type { View } from './view.js';

const kRenderMs = 200;
const kClockMs = 250;

export class Page {
  readonly live = new Graph();
  readonly views: { overview: Overview; graph: ForceView; world: WorldView; table: TableView; history: HistoryView };
  player: Player | null = null;
  renderedAt = 0; // performance.now() of the last time
  readonly #head = new Head();
  readonly #toolbar = new Toolbar(() => this.#render());
  readonly #details = new Details((id) => this.#pick(id));
  readonly #token = new TokenForm(() => this.#feed.unlock());
  readonly #tabs = new Tabs((name) => this.#switch(name));
  readonly #replay = new ReplayBar(
    () => this.#later(),
    () => this.#lead(null),
  );
  readonly #saving = new Saving(
    () => this.shown,
    () => this.views.graph.svg(this.shown),
  );
  readonly #place = make('div', { class: 'place' });
  readonly #said = make('p', { class: 'note', role: 'status' });
  readonly #feed: Feed;
  #view: ViewName = 'overview';
  #heardAt = 0;
  #asked = false;

  constructor(place: HTMLElement) {
    const pick = (id: string | null) => this.#pick(id);
    const onCountry = (country: string) => {
      this.#toolbar.set({ country });
      location.hash = '#table';
    };
    this.views = {
      overview: new Overview(onCountry, pick),
      graph: new ForceView(pick),
      world: new WorldView(),
      table: new TableView(pick),
      history: new HistoryView(),
    };
    const replay = make('button', { type: 'button', click: () => void this.#record() }, words.replay);
    const bar = make(
      'div',
      { class: 'bar' },
      this.#tabs.element,
      make('div', { class: 'actions' }, replay, this.#saving.element),
    );
    const about = make(
      'details',
      { class: 'about' },
      make('summary', {}, words.aboutTitle),
      ...words.about.map((text) => make('p', {}, text)),
    );
    const main = make(
      'main',
      {},
      this.#head.totals,
      bar,
      this.#replay.element,
      this.#toolbar.element,
      this.#said,
      make('div', { class: 'stand' }, this.#place, this.#details.element),
    );
    place.append(this.#head.element, this.#head.banner, this.#token.element, main, make('footer', {}, about));
    document.title = `${words.title} · ${words.name}`;
    this.#feed = new Feed(
      {
        open: () => new EventSource('events'),
        isLocked: () =>
          fetch('snapshot.json', { method: 'HEAD' }).then(
            ({ status }) => status === 401,
            () => false,
          ),
        now: () => performance.now(),
      },
      {
        onSnapshot: (snapshot) => {
          this.live.load(snapshot);
          if (!document.hidden && !this.player) this.#render(); // at once: somebody waits for it
          this.#heard();
        },
        onDelta: (delta) => {
          const done = this.live.apply(delta);
          if (done === 'applied') this.#heard();
          return done !== 'gap';
        },
        onState: (state) => {
          if (state === 'locked') this.#token.ask();
          this.#head.say(state, this.#heardAt);
        },
      },
    );
    document.addEventListener('visibilitychange', () => this.#later());
    this.#tabs.show();
    this.#feed.open();
    setInterval(() => this.#onClock(), kClockMs);
  }

  // What is looked at: now, or the hour that is replayed.
  get shown(): Graph {
    return this.player?.graph ?? this.live;
  }

  #heard(): void {
    this.#heardAt = this.live.at;
    if (!this.player) this.#later();
  }

  #onClock(): void {
    this.#feed.onClock();
    if (!this.player?.onClock(performance.now())) return;
    this.#replay.show();
    this.#later();
  }

  #later(): void {
    if (this.#asked || document.hidden) return;
    this.#asked = true;
    const wait = Math.max(0, this.renderedAt + kRenderMs - performance.now());
    setTimeout(() => {
      this.#asked = false;
      if (!document.hidden) this.#render();
    }, wait);
  }

  #render(): void {
    const { shown } = this;
    this.#head.show(shown);
    this.#toolbar.show(shown);
    this.views[this.#view].show(shown, this.#toolbar.query);
    this.#details.show(shown);
    this.renderedAt = performance.now();
  }

  #switch(name: ViewName): void {
    const view: View = this.views[name];
    const before: View = this.views[this.#view];
    if (view !== before) before.setVisible?.(false);
    this.#view = name;
    this.#place.replaceChildren(view.element);
    this.#place.dataset.view = name;
    this.#toolbar.element.hidden = name === 'history';
    this.#render();
    view.setVisible?.(true);
  }

  #pick(id: string | null): void {
    this.#details.open(id, this.shown);
    this.views.graph.pick(id);
  }

  async #record(): Promise<void> {
    const recording = await fetch('replay.json')
      .then(async (response) => (response.ok ? parseRecording(jsonOf(await response.text())) : null))
      .catch(() => null);
    say(this.#said, recording ? '' : words.noReplay);
    if (!recording) return;
    const player = new Player(recording);
    player.play(performance.now());
    this.#lead(player);
  }

  #lead(player: Player | null): void {
    this.player = player;
    this.#replay.lead(player);
    this.#saving.dot.hidden = player !== null;
    document.documentElement.classList.toggle('replaying', player !== null);
    this.#render();
  }
}
