// How fields look, in the box and in the extension's pages, in the colours of each.
export const kFieldStyles = `
  .fields { display: grid; gap: 14px; }
  .field, .time {
    display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 6px 16px;
  }
  label.field { flex-wrap: nowrap; }
  select, input[type='time'] {
    font: inherit; color: inherit; min-block-size: 44px; max-inline-size: 100%; padding: 8px 12px;
    border: 1px solid var(--soft); border-radius: 10px; background: var(--ground);
  }
  input[type='checkbox'] { flex: none; inline-size: 24px; block-size: 24px; margin: 0; accent-color: var(--accent); }
  .hours, .stretches { display: grid; gap: 14px; justify-items: start; }
  .hours { margin-block-start: 14px; }
  .stretch {
    justify-self: stretch; padding: 8px 14px; border: 1px solid var(--line); border-radius: 14px; background: var(--tint);
  }
  .days, .times { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 18px; }
  .days { row-gap: 2px; }
  .days label { display: flex; align-items: center; gap: 6px; min-block-size: 44px; }
  .quiet {
    min-block-size: 44px; padding: 8px 0; border: 0; background: none; color: var(--accent); font-weight: 600;
    text-decoration: underline; text-underline-offset: 3px;
  }
  .wrong { color: var(--warn); }
  .wrong:empty { display: none; }
  .aside { color: var(--soft); font-size: 0.9rem; }
`;
