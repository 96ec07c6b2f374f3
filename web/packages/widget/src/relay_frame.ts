// RelayFrame: the iframe with our own document in it, from our own origin, in which everything that matters is drawn. The widget
// sends it the looks and stop, and hears its state and height; that is all either can say (see the frame's messages).
// It stands in the page's own tree and not in the shadow tree, as the confirmation window finds it among its opener's frames.
import type { Appearance } from '@footbridge/frame/appearance';
import { type FrameMessage, type HostMessage, marked, parseFrameMessage } from '@footbridge/frame/messages';

export class RelayFrame {
  readonly element: HTMLIFrameElement;
  readonly #origin: string;
  readonly #onMessage: (event: MessageEvent) => void;
  #appearance: Appearance | null = null;

  constructor(base: string, mock: string, title: string, heard: (message: FrameMessage) => void) {
    const url = new URL(mock ? `frame.html#mock=${mock}` : 'frame.html', base);
    this.#origin = url.origin;
    this.element = document.createElement('iframe');
    this.element.src = url.href;
    this.element.title = title;
    this.element.setAttribute('sandbox', 'allow-scripts allow-same-origin');
    this.element.referrerPolicy = 'no-referrer';
    this.#style({
      display: 'block',
      width: '100%',
      height: '0',
      border: '0',
      'border-radius': '16px',
      'color-scheme': 'normal',
    });
    this.element.addEventListener('load', () => this.#sendAppearance());
    this.#onMessage = (event) => {
      if (event.source !== this.element.contentWindow || event.origin !== this.#origin) return;
      const message = parseFrameMessage(event.data);
      if (message?.type === 'size') this.#style({ height: `${message.height}px` });
      else if (message) heard(message);
    };
    window.addEventListener('message', this.#onMessage);
  }

  show(appearance: Appearance): void {
    this.#appearance = appearance;
    this.#style({ 'box-shadow': appearance.layout === 'floating' ? '0 10px 40px #0004' : 'none' });
    this.#sendAppearance();
  }

  stop(): void {
    this.#send({ type: 'stop' });
  }

  close(): void {
    window.removeEventListener('message', this.#onMessage);
    this.element.remove();
  }

  #sendAppearance(): void {
    if (this.#appearance) this.#send({ type: 'appearance', appearance: this.#appearance });
  }

  #send(message: HostMessage): void {
    this.element.contentWindow?.postMessage(marked(message), this.#origin);
  }

  // Important, so that rules of the page for its own frames do not reach ours.
  #style(rules: Record<string, string>): void {
    for (const [name, value] of Object.entries(rules)) this.element.style.setProperty(name, value, 'important');
  }
}
