// StunStub: a STUN server of a test, on an address of loopback of its own. It says of whoever asks what the test says, or nothing.
import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

const kBindingRequest = 0x0001;
const kBindingSuccess = 0x0101;
const kXorMappedAddress = 0x0020;
const kHeaderBytes = 20;
const kCookieHigh = 0x2112;
const kSeenAt = [198, 51, 100, 7];

// The port at which a socket of this port is seen; null: nothing is answered.
export type SeenPort = (port: number) => number | null;

export class StunStub {
  readonly url: string;
  asked = 0;
  readonly #socket: Socket;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.url = `stun:${host}:${(socket.address() as AddressInfo).port}`;
  }

  static async open(host: string, seen: SeenPort): Promise<StunStub> {
    const socket = createSocket('udp4');
    await new Promise<void>((done) => socket.bind(0, host, done));
    const it = new StunStub(socket, host);
    socket.on('message', (question, from) => {
      if (question.length < kHeaderBytes || question.readUInt16BE(0) !== kBindingRequest) return;
      ++it.asked;
      const port = seen(from.port);
      if (port !== null) socket.send(answer(question, port), from.port, from.address);
    });
    return it;
  }

  close(): void {
    this.#socket.close();
  }
}

function answer(question: Buffer, port: number): Buffer {
  const out = Buffer.alloc(kHeaderBytes + 12);
  question.copy(out, 0, 0, kHeaderBytes); // cookie and transaction
  out.writeUInt16BE(kBindingSuccess, 0);
  out.writeUInt16BE(12, 2);
  out.writeUInt16BE(kXorMappedAddress, 20);
  out.writeUInt16BE(8, 22);
  out.writeUInt8(1, 25); // IPv4
  out.writeUInt16BE(port ^ kCookieHigh, 26);
  for (const [index, byte] of kSeenAt.entries()) out.writeUInt8(byte ^ question.readUInt8(4 + index), 28 + index);
  return out;
}
