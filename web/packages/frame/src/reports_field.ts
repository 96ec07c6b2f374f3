// The switch by which a visitor lets his browser tell the network's map how it helps, with who is told what: to be read before it is ticked.
import { html, nothing, type TemplateResult } from 'lit';
import type { Strings } from './strings/strings.js';

// `refused`: the last tick was not taken, as something covered it.
export function reportsField(
  { reports, reasons }: Strings,
  on: boolean,
  refused: boolean,
  chosen: (event: Event) => void,
): TemplateResult {
  return html`<section class="reports">
    <label class="field">${reports.title}<input type="checkbox" .checked=${on} @click=${chosen}></label>
    <p class="aside" role="status">${refused ? reasons.covered : nothing}</p>
    ${reports.text.map((line) => html`<p>${line}</p>`)}
  </section>`;
}
