// What a Range and its page both know: how messages look, and what the page tells.
export const kNumberBytes = 4;

// What an end has got.
export interface Got {
  messages: number;
  bytes: number;
  wrong: number; // messages that are not what was sent
}

// What the test reads of a page.
export interface Seen extends Got {
  dropped: number; // messages, as its relay counts
  mostInChannel: number; // bytes in a queue of the relay's, after a message was put there
  mostInSocket: number;
  thrown: string[];
}

function view(message: Uint8Array): DataView {
  return new DataView(message.buffer, message.byteOffset);
}

export function numberOf(message: Uint8Array): number {
  return view(message).getUint32(0);
}

export function setNumber(message: Uint8Array, number: number): void {
  view(message).setUint32(0, number);
}

// Byte i of a message follows from its number.
export function fill(message: Uint8Array, number: number): void {
  for (let i = kNumberBytes; i < message.length; ++i) message[i] = number + i;
  setNumber(message, number);
}

export function isRight(message: Uint8Array): boolean {
  const number = numberOf(message);
  for (let i = kNumberBytes; i < message.length; ++i) if (message[i] !== ((number + i) & 0xff)) return false;
  return true;
}

// So many messages of a size, one behind the other: random, but for their numbers.
export function makeFile(
  bytes: number,
  messages: number,
  fillRandom: (part: Uint8Array<ArrayBuffer>) => void,
): Uint8Array<ArrayBuffer> {
  const kAtOnce = 65536; // of a browser's randomness
  const file = new Uint8Array(bytes * messages);
  for (let at = 0; at < file.length; at += kAtOnce) fillRandom(file.subarray(at, at + kAtOnce));
  for (let i = 0; i < messages; ++i) setNumber(file.subarray(i * bytes), i + 1);
  return file;
}
