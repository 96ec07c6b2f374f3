// What a Range and its page both know: how messages look, and what the page tells.
export const kNumberBytes = 4;
export const kEveryBytes = 16 * 1024; // between two words of how far it got

// What the test reads.
export interface Seen {
  messages: number;
  bytes: number;
  wrong: number; // messages that are not what was sent
  mostInChannel: number; // bytes in a queue after a message was put there
  mostInSocket: number;
  thrown: string[];
}

// Byte i of a message follows from its number.
export function fill(message: Uint8Array, number: number): void {
  for (let i = kNumberBytes; i < message.length; ++i) message[i] = number + i;
  new DataView(message.buffer, message.byteOffset).setUint32(0, number);
}

export function isRight(message: Uint8Array): boolean {
  const number = new DataView(message.buffer, message.byteOffset).getUint32(0);
  for (let i = kNumberBytes; i < message.length; ++i) if (message[i] !== ((number + i) & 0xff)) return false;
  return true;
}
