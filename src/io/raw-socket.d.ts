/** The part of the npm package raw-socket that vrrp-socket.ts uses. */
declare module 'raw-socket' {
  import type { EventEmitter } from 'node:events';

  interface SocketOptions {
    readonly protocol: number;
    readonly bufferSize?: number;
    readonly addressFamily?: number;
  }

  /** Mixes EventEmitter in. */
  export class Socket {
    constructor(options: SocketOptions);
    setOption(level: number, option: number, value: number): void;
    setOption(level: number, option: number, value: Buffer, length: number): void;
    close(): this;
    /** Called when something can be read; reads one datagram and emits it as 'message'. */
    protected onRecvReady(): void;
  }

  export interface Socket extends EventEmitter {}

  export const AddressFamily: { readonly IPv4: 1; readonly IPv6: 2 };
}
