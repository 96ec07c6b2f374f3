// The extension's icons, out of one drawing: a bridge. Off it stands there in grey; ready, in a frame; active, white in a full
// one. They differ in shape, too, for who does not tell colours apart.
import { png } from './png.mjs';

const kTeal = [0x0a / 255, 0x71 / 255, 0x6c / 255];
const kGrey = [0x64 / 255, 0x75 / 255, 0x7f / 255];
const kWhite = [1, 1, 1];
const kNone = [0, 0, 0, 0];

const kStroke = 0.085; // of the picture's width
const kEdge = 0.07;
const kCorner = 0.22;
const kArch = 24; // pieces of the bow

// Lines of the bridge: [x, y] to [x, y].
function lines() {
  const bow = Array.from({ length: kArch + 1 }, (_, at) => {
    const t = at / kArch;
    const [a, b, c, d] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t ** 2 * (1 - t), t ** 3];
    return [0.14 * a + 0.3 * b + 0.7 * c + 0.86 * d, 0.68 * a + 0.28 * b + 0.28 * c + 0.68 * d];
  });
  const pillars = [0.32, 0.5, 0.68].map((x) => [
    [x, 0.68],
    [x, x === 0.5 ? 0.4 : 0.46],
  ]);
  return [...bow.slice(1).map((to, at) => [bow[at], to]), [bow[0], bow[kArch]], ...pillars];
}

const kLines = lines();

function distance(x, y, [[ax, ay], [bx, by]]) {
  const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2);
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay));
}

const onBridge = (x, y) => kLines.some((line) => distance(x, y, line) < kStroke / 2);

// In a square with round corners whose edge is `inset` inside the picture.
function inSquare(x, y, inset) {
  const corner = kCorner - inset;
  const beyond = (value) => Math.max(0, Math.abs(value - 0.5) - (0.5 - inset - corner));
  return Math.hypot(beyond(x), beyond(y)) <= corner;
}

const kPictures = {
  off: (x, y) => (onBridge(x, y) ? [...kGrey, 1] : kNone),
  ready: (x, y) => {
    if (!inSquare(x, y, 0)) return kNone;
    return onBridge(x, y) || !inSquare(x, y, kEdge) ? [...kTeal, 1] : [...kWhite, 1];
  },
  active: (x, y) => (inSquare(x, y, 0) ? [...(onBridge(x, y) ? kWhite : kTeal), 1] : kNone),
};

const kSizes = [16, 32, 48];
const kShopSize = 128; // of the picture in lists and shops

// [name in the package, content]
export function icons() {
  const out = Object.entries(kPictures).flatMap(([name, picture]) =>
    kSizes.map((size) => [`icons/${name}-${size}.png`, png(size, picture)]),
  );
  return [...out, [`icons/active-${kShopSize}.png`, png(kShopSize, kPictures.active)]];
}
