/** The part of the npm package raw-socket that vrrp-socket.ts uses. */
declare module 'raw-socket' {
  import type { EventEmitter } from 'node:events';

  interface Socket extends EventEmitter {
    setOption(level: number, option: number, value: number): void;
    setOption(level: number, option: number, value: Buffer, length: number): void;
    send(
      buffer: Buffer,
      offset: number,
      length: number,
      address: string,
      done: (error: Error | null) => void,
    ): this;
    close(): this;
  }

  export function createSocket(options: { protocol: number; bufferSize?: number }): Socket;
}
