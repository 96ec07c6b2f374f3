// How the box looks: light and dark, three layouts, both directions (logical properties only). Frames are as wide as their
// page lets them be, so widths are asked of the frame itself.
import { css, unsafeCSS } from 'lit';
import { kFieldStyles } from './limits/field_styles.js';

export const boxStyles = css`
  :host {
    --ground: #ffffff; --ink: #12232e; --soft: #4b5d69; --line: #d9e2e7; --tint: #f1f6f7;
    --accent: #0a716c; --on-accent: #ffffff; --off: #64757f; --glow: #d97706; --warn: #8a3c00;
    display: block; color: var(--ink); color-scheme: light;
    font: 400 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
  }
  :host([theme='dark']) {
    --ground: #0f1a21; --ink: #edf3f5; --soft: #a7b8c2; --line: #2b3b45; --tint: #17252d;
    color-scheme: dark; --accent: #55cfc3; --on-accent: #05211f; --off: #8496a1; --glow: #fbbf4a; --warn: #ffb98a;
  }
  * { box-sizing: border-box; }
  [hidden] { display: none !important; }
  h1, h2, p, ul, dl, dd { margin: 0; padding: 0; }
  :lang(my) { line-height: 1.9; }
  main {
    overflow-wrap: break-word;
    background: var(--ground); border: 1px solid var(--line); border-radius: 16px; padding: 14px 18px;
  }
  .row { display: flex; align-items: center; gap: 12px 16px; flex-wrap: wrap; }
  .mark { flex: none; width: 36px; height: 36px; color: var(--accent); }
  .brand { display: flex; align-items: center; gap: 12px; flex: 1 1 14rem; min-width: 0; }
  .words { flex: 1; min-width: 0; overflow-wrap: anywhere; }
  h1 { font-size: 1.05rem; font-weight: 650; line-height: 1.35; text-wrap: balance; }
  .panel h1 { font-size: 1.2rem; }
  .unseen {
    position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);
    white-space: nowrap;
  }
  .status { display: flex; gap: 8px; align-items: baseline; color: var(--soft); }
  .status::before {
    content: ''; flex: none; width: 9px; height: 9px; border-radius: 50%; background: var(--off);
    box-shadow: 0 0 0 3px color-mix(in srgb, var(--off) 18%, transparent); transform: translateY(-1px);
  }
  .status.helping, .status.waiting { color: var(--ink); font-weight: 600; }
  .status.helping::before { background: var(--accent); box-shadow: 0 0 0 3px color-mix(in srgb, var(--accent) 25%, transparent); }
  .status.waiting::before, .status.starting::before { background: var(--glow); box-shadow: 0 0 0 3px color-mix(in srgb, var(--glow) 25%, transparent); }
  .controls { display: flex; align-items: center; gap: 10px; margin-inline-start: auto; }
  .lend { font-weight: 600; }
  button { font: inherit; color: inherit; cursor: pointer; }
  button:focus-visible, summary:focus-visible, h2:focus-visible, a:focus-visible {
    outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 8px;
  }
  .switch {
    flex: none; position: relative; width: 64px; height: 44px; padding: 0; background: none; border: 0;
  }
  .switch::before {
    content: ''; position: absolute; inset: 6px 2px; border-radius: 16px; background: var(--off);
    transition: background 0.2s;
  }
  .switch::after {
    content: ''; position: absolute; inset-block-start: 10px; inset-inline-start: 6px; width: 24px; height: 24px;
    border-radius: 50%; background: var(--ground); box-shadow: 0 1px 2px #0005; transition: inset-inline-start 0.2s;
  }
  .switch[aria-checked='true']::before { background: var(--accent); }
  .switch[aria-checked='true']::after { inset-inline-start: 34px; }
  .switch[aria-disabled='true'] { cursor: not-allowed; }
  .switch[aria-disabled='true']::before { background: none; border: 2px dashed var(--off); }
  .switch[aria-disabled='true']::after { background: var(--off); }
  .fold {
    flex: none; width: 44px; height: 44px; border: 0; background: none; border-radius: 12px; display: grid;
    place-items: center; color: var(--soft);
  }
  .fold:hover { background: var(--tint); }
  .fold svg { width: 20px; height: 20px; transition: rotate 0.2s; }
  .fold[aria-expanded='true'] svg { rotate: 180deg; }
  ${unsafeCSS(kFieldStyles)}
  .note { color: var(--warn); margin-top: 8px; }
  .news { color: var(--accent); font-weight: 600; }
  .news:not(:empty) { margin-top: 8px; animation: appear 0.4s; }
  .news-field, .reports { max-width: 42rem; }
  .reports { display: grid; gap: 6px; }
  .reports p { color: var(--soft); }
  .passing dd { font-size: 1.05rem; }
  .passing dl { padding-block: 6px 10px; }
  @keyframes appear { from { opacity: 0; } }
  .mock { background: var(--tint); border-radius: 10px; padding: 4px 12px; margin-top: 10px; font-weight: 600; }
  .more { margin-top: 14px; display: grid; gap: 14px; }
  .lead { max-width: 60ch; color: var(--soft); text-wrap: pretty; }
  .facts { display: grid; gap: 14px; align-content: start; min-width: 0; }
  dl { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 8px; }
  dl div { grid-column: span 2; }
  .five div:nth-child(n + 4) { grid-column: span 3; }
  dl div {
    background: var(--tint); border-radius: 12px; padding: 10px 12px; display: flex; flex-direction: column-reverse;
    justify-content: flex-end;
  }
  dt { color: var(--soft); font-size: 0.85rem; line-height: 1.35; overflow-wrap: anywhere; }
  :lang(my) dt { line-height: 1.8; }
  dd { font-size: 1.3rem; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.3; white-space: nowrap; }
  .globe { display: block; width: 100%; max-width: 240px; aspect-ratio: 1; margin-inline: auto; }
  .consent { margin-top: 14px; padding: 16px; border-radius: 14px; background: var(--tint); }
  .consent h2 { font-size: 1.1rem; }
  .consent ul, .text { display: grid; gap: 8px; margin-block: 10px; padding-inline-start: 1.1em; max-width: 70ch; }
  .text { padding: 0; color: var(--soft); }
  .choices { display: flex; flex-wrap: wrap; gap: 10px; margin-top: 14px; }
  .choices button {
    min-height: 44px; padding: 8px 20px; border-radius: 22px; border: 1px solid var(--soft); background: none;
    font-weight: 600;
  }
  .risk { border: 2px solid var(--warn); }
  .choices .yes, .choices .stay { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
  .asides { display: flex; flex-wrap: wrap; gap: 4px 20px; }
  details { min-width: 0; }
  details[open] { flex-basis: 100%; }
  summary { cursor: pointer; color: var(--accent); font-weight: 600; padding-block: 8px; min-height: 24px; }
  a { color: var(--accent); font-weight: 600; }
  .asides a { padding-block: 8px; }
  .limits .fields { padding-block: 6px 10px; max-width: 42rem; }
  .keep, .network p { color: var(--soft); }
  .panel .row { flex-direction: column; align-items: stretch; }
  .panel .controls { margin: 0; padding: 8px 14px; background: var(--tint); border-radius: 14px; justify-content: space-between; }
  .panel .brand { flex: none; }
  .panel .globe { max-width: 280px; }
  @media (min-width: 700px) {
    .banner .more.with-globe { grid-template-columns: minmax(0, 1fr) 220px; align-items: center; gap: 28px; }
    .banner .more.with-globe .globe { grid-column: 2; grid-row: 1; align-self: start; }
    .banner .more.with-globe .facts { grid-column: 1; grid-row: 1; }
    main.banner { padding: 14px 24px; }
  }
  @media (max-width: 519px) {
    .banner .controls, .floating .controls { flex: 1 0 100%; margin: 0; justify-content: space-between; }
    .controls .lend { flex: 1; }
    dl { gap: 6px; }
    dl div { padding: 8px; }
    .passing dl div { grid-column: span 3; }
    dd { font-size: 1.1rem; }
  }
  @media (prefers-reduced-motion: reduce) {
    * { transition: none !important; animation: none !important; }
  }
  @media (forced-colors: active) {
    .switch::before { border: 2px solid ButtonText; }
    .switch[aria-checked='true']::before { background: Highlight; forced-color-adjust: none; }
  }
`;
