// What the box says in numbers: people and bytes, and for who opens it, what passes now.
import type { RelayStatus } from '@footbridge/protocol';
import { html, nothing, type TemplateResult } from 'lit';
import { duration, fromWhere, megabytes, rate, type Speech } from './strings/strings.js';

const kUnknown = '–';

type Figure = [name: string, value: string];

function list(figures: Figure[], kind: string): TemplateResult {
  return html`<dl class=${kind}>${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

// `own`: the box is a page by itself, where what was counted is kept. Before it was first switched on it is not known there.
export function numbers(status: RelayStatus, speech: Speech, own: boolean): TemplateResult {
  const { strings, lang } = speech;
  const from = fromWhere(status.countries, speech);
  const { helpingNow, helpedToday, bytesUp, bytesDown, record, recordLost } = status;
  const compact = new Intl.NumberFormat(lang, { notation: 'compact' });
  const people = (count: number | undefined) => (count === undefined ? kUnknown : compact.format(count));
  const bytes = (count: number | undefined) => (count === undefined ? kUnknown : megabytes(count, lang));
  const figures: Figure[] = own
    ? [
        [strings.now, people(helpingNow)],
        [strings.today, people(record?.helpedToday)],
        [strings.ever, people(record?.helped)],
        [strings.data, bytes(record && record.upToday + record.downToday)],
        [strings.sent, bytes(record && record.up + record.down)],
      ]
    : [
        [strings.now, people(helpingNow)],
        [strings.today, people(helpedToday)],
        [strings.data, bytes(bytesUp + bytesDown)],
      ];
  return html`${list(figures, own ? 'five' : 'three')}
    ${from === '' ? nothing : html`<p class="from">${from}</p>`}
    ${own ? nothing : html`<p class="aside">${strings.visitOnly}</p>`}
    ${recordLost ? html`<p class="note" role="status">${strings.recordLost}</p>` : nothing}`;
}

// Nothing is known of a line that is off, or that nobody has looked at for a second.
export function passing({ line }: RelayStatus, { strings, lang }: Speech): TemplateResult {
  const { details } = strings;
  const said = (value: number | null | undefined, say: (value: number) => string) =>
    value == null ? kUnknown : say(value);
  const count = (value: number) => new Intl.NumberFormat(lang).format(value);
  const milliseconds = (value: number) =>
    new Intl.NumberFormat(lang, { style: 'unit', unit: 'millisecond' }).format(value);
  return list(
    [
      [details.up, said(line?.upPerSecond, (value) => rate(value, lang))],
      [details.down, said(line?.downPerSecond, (value) => rate(value, lang))],
      [details.roundTrip, said(line?.roundTripMs, milliseconds)],
      [details.links, said(line?.links, count)],
      [details.running, said(line?.runningSeconds, (value) => duration(value, lang))],
      [details.restarts, said(line?.restarts, count)],
    ],
    'three',
  );
}
