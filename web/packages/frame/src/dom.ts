// Elements, made without any HTML text: a page of an extension may do more than others.
type Properties = Record<string, string | number | boolean | ((event: Event) => void)>;

// A function is a listener of the event that its name says; true is an attribute without value, false none.
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const out = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') out.addEventListener(name, value);
    else if (value !== false) out.setAttribute(name, value === true ? '' : String(value));
  }
  out.append(...children);
  return out;
}

// Says nothing again that is said already: who listens to a page would hear it twice.
export function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
