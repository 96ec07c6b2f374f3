// A picture as PNG: `colour(x, y)` is [red, green, blue, opacity], each 0 to 1, at a place in it; x and y run from 0 to 1.
import { deflateSync } from 'node:zlib';
import { crc32 } from './crc32.mjs';

const kSamples = 4; // in each direction, for each pixel: edges come out smooth

function chunk(name, data) {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length);
  out.write(name, 4, 'latin1');
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

function pixel(colour, column, row, size) {
  const sum = [0, 0, 0, 0];
  for (let sample = 0; sample < kSamples * kSamples; ++sample) {
    const x = column + ((sample % kSamples) + 0.5) / kSamples;
    const y = row + (Math.floor(sample / kSamples) + 0.5) / kSamples;
    const [red, green, blue, opacity] = colour(x / size, y / size);
    for (const [at, part] of [red, green, blue].entries()) sum[at] += part * opacity;
    sum[3] += opacity;
  }
  const [red, green, blue, opacity] = sum;
  const seen = opacity === 0 ? [0, 0, 0] : [red / opacity, green / opacity, blue / opacity];
  return [...seen, opacity / kSamples ** 2].map((part) => Math.round(part * 255));
}

export function png(size, colour) {
  const rows = [];
  for (let row = 0; row < size; ++row) {
    rows.push(0); // no filter
    for (let column = 0; column < size; ++column) rows.push(...pixel(colour, column, row, size));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8); // 8 bits each of red, green, blue and opacity
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(rows), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
