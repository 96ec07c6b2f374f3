// Starts the page. In the browser's console `netstate` is what it knows and what it has drawn.
import { Page } from './page/page.js';

Object.assign(globalThis, { netstate: new Page(document.body) });
