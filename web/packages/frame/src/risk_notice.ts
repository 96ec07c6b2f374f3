// The notice where helping may be dangerous: a dialog in the box, which is off meanwhile. It keeps the keyboard's focus until it is
// answered; Escape leaves everything off. It is no <dialog> on top, as the frame is only as high as its box.
import { html, nothing, type TemplateResult } from 'lit';
import type { Strings } from './strings/strings.js';

export interface RiskAnswers {
  stayOff: (event: Event) => void;
  helpAnyway: (event: Event) => void;
  // The window that confirms is to open again.
  reopen: (event: Event) => void;
}

export function riskNotice(strings: Strings, confirming: boolean, answers: RiskAnswers): TemplateResult {
  const { title, text, stayOff, helpAnyway } = strings.risk;
  return html`<section class="consent risk" role="dialog" aria-modal="true" aria-labelledby="risk" aria-describedby="risk-text"
    @keydown=${(event: KeyboardEvent) => onKey(event, answers)}>
    <h2 id="risk">${title}</h2>
    <div class="text" id="risk-text">${text.map((line) => html`<p>${line}</p>`)}</div>
    ${confirming ? html`<p class="note">${strings.confirm}</p>` : nothing}
    <div class="choices">
      <button type="button" class="stay" @click=${answers.stayOff}>${stayOff}</button>
      <button type="button" class="anyway" @click=${confirming ? answers.reopen : answers.helpAnyway}>
        ${confirming ? strings.openWindow : helpAnyway}
      </button>
    </div>
  </section>`;
}

function onKey(event: KeyboardEvent, answers: RiskAnswers): void {
  if (event.key === 'Escape') answers.stayOff(event);
  if (event.key !== 'Tab') return;
  event.preventDefault();
  const buttons = [...(event.currentTarget as Element).querySelectorAll('button')];
  const at = buttons.indexOf(event.target as HTMLButtonElement);
  buttons.at((at + (event.shiftKey ? -1 : 1)) % buttons.length)?.focus();
}
