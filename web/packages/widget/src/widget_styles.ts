// What is around the frame: where it stands, its corners, and the lines of the widget itself.
import { css } from 'lit';

export const widgetStyles = css`
  :host {
    all: initial; display: block; --ink: #12232e; --soft: #4b5d69; --ground: #ffffff; --line: #d9e2e7; --accent: #0a716c;
    font: 400 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; color: var(--ink);
  }
  :host([hidden]) { display: none; }
  .around.dark { --ink: #edf3f5; --soft: #a7b8c2; --ground: #0f1a21; --line: #2b3b45; --accent: #55cfc3; }
  .around { color: var(--ink); }
  .panel { max-width: 24rem; margin-inline: auto; }
  .floating {
    position: fixed; inset-block-end: 0; inset-inline-end: 0; z-index: 2147483000; box-sizing: border-box; padding: 16px;
    width: min(26rem + 32px, 100vw); max-height: 100vh; max-height: 100dvh; overflow-y: auto; pointer-events: none;
  }
  .floating .foot, .floating ::slotted(*) { pointer-events: auto; }
  .foot {
    display: flex; flex-wrap: wrap; align-items: center; padding: 0 8px; border-radius: 10px;
    background: var(--ground); width: fit-content; margin-block-start: 6px; font-size: 13px;
  }
  a, .foot button {
    color: var(--soft); font: inherit; background: none; border: 0; padding: 5px 6px; min-height: 24px; min-width: 24px; cursor: pointer;
    text-decoration: underline; text-underline-offset: 3px;
  }
  a:hover, .foot button:hover { color: var(--accent); }
  a:focus-visible, button:focus-visible, select:focus-visible, input:focus-visible, textarea:focus-visible {
    outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px;
  }
  .toast {
    position: fixed; inset-block-start: 16px; inset-inline: 0; margin-inline: auto; width: fit-content; max-width: calc(100vw - 32px);
    z-index: 2147483001; display: flex; gap: 12px; align-items: center; padding: 10px 18px; border-radius: 14px;
    background: var(--ground); border: 1px solid var(--line); box-shadow: 0 8px 30px #0003; box-sizing: border-box;
  }
  .toast button {
    font: inherit; color: var(--accent); background: none; border: 0; font-weight: 600; cursor: pointer; min-height: 36px; padding: 4px 8px;
  }
  :lang(my) { line-height: 1.9; }
`;
