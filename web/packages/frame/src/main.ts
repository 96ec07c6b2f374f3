// The relay frame's document: what is in it, who may speak to it, and how high it is. By itself, not in another page, it is a
// volunteer's page of our own. "#mock" and "#mock=STATE" make it a demonstration.
import { type Appearance, kDefaultAppearance } from './appearance.js';
import { connection, isHandheld, watchBackground, whyCostly } from './background.js';
import { VolunteerBox } from './box.js';
import { CarryingRelay } from './carrying_relay.js';
import { readAgreed, remember } from './consent_store.js';
import { limitsStore } from './limits_store.js';
import { type FrameMessage, kMaxHeightPx, marked, parseHostMessage } from './messages.js';
import { kMockModes, MockRelay } from './mock_relay.js';
import { type Relay, UnavailableRelay } from './relay.js';
import { reportsStore } from './reports_store.js';
import { share } from './shared_relay.js';
import { loadStrings } from './strings/strings.js';
import { Volunteer } from './volunteer.js';

const framed = window.top !== window;
const store = limitsStore(!framed);
const reports = reportsStore(!framed);
const dark = matchMedia('(prefers-color-scheme: dark)');
let host: string | null = null; // origin of the page around us, once it has said something
let asked = 0;

// A page of our own origin around us could draw on us and click for the visitor.
function isOwnPage(): boolean {
  try {
    return framed && window.parent.location.origin === window.location.origin;
  } catch {
    return false;
  }
}

function mockMode() {
  const [name, mode = 'true'] = window.location.hash.slice(1).split('=');
  return name === 'mock' ? kMockModes.find((known) => known === mode) : undefined;
}

function makeRelay(): Relay {
  const mode = mockMode();
  if (mode) return new MockRelay(mode);
  if (isOwnPage()) return new UnavailableRelay('same-origin');
  if (typeof RTCPeerConnection === 'undefined') return new UnavailableRelay('no-webrtc');
  const carrying = new CarryingRelay(async (tell) => (await import('./engine.js')).makeEngine(tell));
  carrying.setLimits(store.load());
  carrying.setReports(reports.load());
  return share(carrying);
}

function tell(message: FrameMessage): void {
  if (framed && host !== null) window.parent.postMessage(marked(message), host);
}

customElements.define('footbridge-box', VolunteerBox);
const box = new VolunteerBox();
const volunteer = new Volunteer({
  relay: makeRelay(),
  ...readAgreed(),
  remember: (evenIfRisky) => remember(Date.now(), evenIfRisky),
  keepLimits: (limits) => store.save(limits),
  keepReports: (on) => reports.save(on),
  whyCostly,
  origin: window.location.origin,
  reload: () => window.location.reload(),
  lang: () => box.speech.lang,
});
box.volunteer = volunteer;
box.framed = framed;
box.mock = mockMode() !== undefined;
volunteer.onChange = () => box.requestUpdate();
volunteer.onTell = tell;

function paint(): void {
  const { theme } = box.appearance;
  box.setAttribute('theme', theme === 'dark' || (theme === 'auto' && dark.matches) ? 'dark' : 'light');
  box.requestUpdate();
}

async function apply(appearance: Appearance): Promise<void> {
  const turn = ++asked;
  const speech = await loadStrings([appearance.lang, ...navigator.languages].filter((lang) => lang !== ''));
  if (turn !== asked) return; // a later wish was faster
  const first = !box.isConnected;
  if (first || appearance.collapse !== box.appearance.collapse || appearance.layout !== box.appearance.layout) {
    box.folded = appearance.collapse;
  }
  box.appearance = appearance;
  box.speech = speech;
  document.documentElement.lang = speech.lang;
  document.documentElement.dir = speech.dir;
  document.title = speech.strings.title;
  paint();
  if (first) document.body.append(box);
}

window.addEventListener('message', (event) => {
  volunteer.onWindowMessage(event);
  if (!framed || event.source !== window.parent) return;
  const message = parseHostMessage(event.data);
  if (!message) return;
  if (message.type === 'stop') return volunteer.stop('stopped-by-page');
  // A page without an origin of its own (a file, a sandbox) is told as whoever it is.
  host = event.origin === 'null' ? '*' : event.origin;
  void apply(message.appearance).then(() => {
    tell({ type: 'state', state: volunteer.state, helpingNow: Math.min(volunteer.status.helpingNow, 1_000) });
    tellHeight();
  });
});

function tellHeight(): void {
  tell({ type: 'size', height: Math.min(Math.ceil(box.getBoundingClientRect().height), kMaxHeightPx) });
}

new ResizeObserver(tellHeight).observe(box);
dark.addEventListener('change', paint);
connection()?.addEventListener('change', () => box.requestUpdate());
watchBackground(
  () => (isHandheld() ? box.appearance.mobileBg : box.appearance.desktopBg),
  (reason) => volunteer.stop(reason),
);
if (!framed) void apply({ ...kDefaultAppearance, layout: 'panel', theme: 'auto', mobileBg: true, menu: true });
