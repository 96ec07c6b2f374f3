// The editor (data-editor): for who designs a page, a form of all settings beside the widget, and the tag to copy. It writes
// the widget's attributes and nothing else. In English, as attribute names are.

import { kLayouts, kThemes } from '@footbridge/frame/appearance';
import { html, render, type TemplateResult } from 'lit';
import { attributeOf, embedSnippet, kNames, readSettings, type SettingName, type Settings } from './settings.js';

const kChoices: Partial<Record<SettingName, readonly string[]>> = {
  layout: kLayouts,
  theme: kThemes,
};
const kFixed: readonly SettingName[] = ['editor', 'mock', 'target']; // read once, when the widget is made

export function renderEditor(place: HTMLElement, widget: HTMLElement, script: string): void {
  const draw = () => {
    const settings = readSettings((name) => widget.getAttribute(name));
    render(form(settings, script, set), place);
  };
  const set = (name: SettingName, value: string) => {
    widget.setAttribute(attributeOf(name), value);
    draw();
  };
  draw();
}

type Setter = (name: SettingName, value: string) => void;

function form(settings: Settings, script: string, set: Setter): TemplateResult {
  const fields = kNames.filter((name) => !kFixed.includes(name)).map((name) => field(name, settings[name], set));
  return html`<fieldset lang="en" dir="ltr"><legend>Settings</legend>${fields}
    <label>Tag<textarea readonly rows="4" cols="60" .value=${embedSnippet(settings, script)}></textarea></label>
  </fieldset>`;
}

function field(name: SettingName, value: string | boolean, set: Setter): TemplateResult {
  const label = attributeOf(name);
  const choices = kChoices[name];
  if (choices) {
    const changed = (event: Event) => set(name, (event.target as HTMLSelectElement).value);
    return html`<p><label>${label} <select @change=${changed}>${choices.map(
      (choice) => html`<option ?selected=${choice === value}>${choice}</option>`,
    )}</select></label></p>`;
  }
  if (typeof value === 'boolean') {
    const changed = (event: Event) => set(name, String((event.target as HTMLInputElement).checked));
    return html`<p><label><input type="checkbox" .checked=${value} @change=${changed}> ${label}</label></p>`;
  }
  const changed = (event: Event) => set(name, (event.target as HTMLInputElement).value);
  return html`<p><label>${label} <input .value=${value} @change=${changed}></label></p>`;
}
