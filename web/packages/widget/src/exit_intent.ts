// Exit intent: somebody is about to leave the page: the pointer goes out at the top, towards the tabs, or, where there is no
// pointer, the page is pulled up fast.

const kFastUpPxPerMs = 3; // a flick, not reading
const kSampleMs = 50;

// Calls `leaving` each time; the returned function ends it.
export function watchExit(leaving: () => void): () => void {
  const out = (event: MouseEvent) => {
    if (event.relatedTarget === null && event.clientY <= 0) leaving();
  };
  let at = performance.now();
  let top = window.scrollY;
  const scrolled = () => {
    const now = performance.now();
    if (now - at < kSampleMs) return;
    if (matchMedia('(hover: none)').matches && (top - window.scrollY) / (now - at) > kFastUpPxPerMs) leaving();
    at = now;
    top = window.scrollY;
  };
  document.addEventListener('mouseout', out);
  window.addEventListener('scroll', scrolled, { passive: true });
  return () => {
    document.removeEventListener('mouseout', out);
    window.removeEventListener('scroll', scrolled);
  };
}
