// A ZIP file of [name, content] pairs. The same pairs make the same bytes: sorted names, one date for all, no owner.
import { deflateRawSync } from 'node:zlib';
import { crc32 } from './crc32.mjs';

const kDate = 0x0021; // 1980-01-01, the first day that the format knows
const kVersion = 20;
const kUtf8Names = 0x0800;
const kDeflated = 8;

function fields(pairs) {
  const out = Buffer.alloc(pairs.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of pairs) at = out.writeUIntLE(value, at, bytes);
  return out;
}

function described(name, content, packed) {
  return [
    [2, kVersion],
    [2, kUtf8Names],
    [2, kDeflated],
    [2, 0], // midnight
    [2, kDate],
    [4, crc32(content)],
    [4, packed.length],
    [4, content.length],
    [2, name.length],
    [2, 0], // nothing more about it
  ];
}

export function zip(files) {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const bodies = [];
  const index = [];
  let at = 0;
  for (const [path, content] of sorted) {
    const name = Buffer.from(path);
    const packed = deflateRawSync(content, { level: 9 });
    const about = described(name, content, packed);
    const local = Buffer.concat([fields([[4, 0x04034b50], ...about]), name, packed]);
    const rest = [2, 2, 2, 4].map((bytes) => [bytes, 0]); // no comment, first disk, no attributes
    index.push(fields([[4, 0x02014b50], [2, kVersion], ...about, ...rest, [4, at]]), name);
    bodies.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(index);
  const count = sorted.length;
  const end = fields([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, directory.length],
    [4, at],
    [2, 0],
  ]);
  return Buffer.concat([...bodies, directory, end]);
}
