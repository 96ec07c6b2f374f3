// How a page asks servers of its network. text/plain: a browser asks nobody first whether it may send that. What it always says of itself
// goes with it (docs/ops/widget.md, "What is sent"), but not its person's languages, nor what it keeps.
export function plainPost(body: Uint8Array, signal: AbortSignal): RequestInit {
  return {
    method: 'POST',
    body: body.slice(),
    headers: { 'Content-Type': 'text/plain', 'Accept-Language': 'en' },
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    signal,
  };
}
