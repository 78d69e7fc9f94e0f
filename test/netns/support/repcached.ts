/**
 * A stand-in for repcached 2.3.1, which no distribution packages: its flags, enough of memcached's text protocol for a
 * drill, and its replication as the real program was seen to do it:
 * - `-x HOST`: it connects once, to port `-X`; refused, it is a master. Its clients' port is closed until the copy is whole
 *   or the master is given up.
 * - A master listens on `-X` until a slave comes and again when that is gone: one slave, and nobody tries twice.
 * - Once connected both sides send each other every change, and none of them is acknowledged.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { parseArgs } from 'node:util';

interface Item {
  readonly flags: string;
  readonly value: Buffer;
}

type Apply = (words: readonly string[], value: Buffer | null) => void;

/** Runs it until it is ended. */
export function runRepcached(argv: readonly string[]): void {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...{ listen: { ...text, short: 'l' }, port: { ...text, short: 'p' }, user: { ...text, short: 'u' } },
      ...{
        memory: { ...text, short: 'm' },
        peer: { ...text, short: 'x' },
        replication: { ...text, short: 'X' },
      },
    },
  });
  const host = values.listen ?? '0.0.0.0';
  const port = Number(values.port ?? 11211);
  const replicationPort = Number(values.replication ?? 11212);
  const items = new Map<string, Item>();
  let partner: Socket | null = null;
  let waiting: Server | null = null;
  let serving = false;

  const replicate = (line: string, value?: Buffer): void => {
    partner?.write(
      value === undefined ? `${line}\r\n` : Buffer.concat([Buffer.from(`${line}\r\n`), value, CRLF]),
    );
  };

  const serve = (): void => {
    if (serving) return;
    serving = true;
    createServer((client) => {
      client.on('error', () => client.destroy());
      readCommands(client, (words, value) => answer(client, words, value));
    }).listen(port, host);
  };

  const waitForSlave = (): void => {
    waiting = createServer((slave) => {
      waiting?.close();
      become(slave);
      for (const [key, { flags, value }] of items)
        replicate(`rep ${key} ${flags} 0 ${value.length} 0`, value);
      replicate('marugoto_end');
    }).listen(replicationPort, host);
    serve();
  };

  const become = (socket: Socket): void => {
    partner = socket;
    socket.on('error', () => {});
    socket.on('close', () => {
      partner = null;
      waitForSlave();
    });
    readCommands(socket, (words, value) => {
      const [command, key = '', flags = ''] = words;
      if (command === 'rep' && value !== null) items.set(key, { flags, value });
      else if (command === 'delete') items.delete(key);
      else if (command === 'flush_all') items.clear();
      else if (command === 'marugoto_end') serve();
    });
  };

  const answer = (client: Socket, words: readonly string[], value: Buffer | null): void => {
    const [command, key = '', flags = ''] = words;
    switch (command) {
      case 'set':
        items.set(key, { flags, value: value! });
        replicate(`rep ${key} ${flags} 0 ${value!.length} 0`, value!);
        return void client.write('STORED\r\n');
      case 'get': {
        for (const wanted of words.slice(1)) {
          const item = items.get(wanted);
          if (item === undefined) continue;
          client.write(`VALUE ${wanted} ${item.flags} ${item.value.length}\r\n`);
          client.write(Buffer.concat([item.value, CRLF]));
        }
        return void client.write('END\r\n');
      }
      case 'delete':
        replicate(`delete ${key}`);
        return void client.write(items.delete(key) ? 'DELETED\r\n' : 'NOT_FOUND\r\n');
      case 'flush_all':
        items.clear();
        replicate('flush_all');
        return void client.write('OK\r\n');
      case 'stats':
        return void client.write(
          `STAT pid ${process.pid}\r\nSTAT version 1.4.13\r\nSTAT curr_items ${items.size}\r\nSTAT replication MASTER\r\nEND\r\n`,
        );
      case 'version':
        return void client.write('VERSION 1.4.13\r\n');
      case 'quit':
        return void client.end();
      default:
        return void client.write('ERROR\r\n');
    }
  };

  if (values.peer === undefined) waitForSlave();
  else become(connect(replicationPort, values.peer));
}

const CRLF = Buffer.from('\r\n');

/** Calls back for each line, with the data block that follows a `set` or `rep`. */
function readCommands(socket: Socket, apply: Apply): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const end = rest.indexOf(CRLF);
      if (end < 0) return;
      const words = rest.subarray(0, end).toString('latin1').split(' ');
      if (words[0] !== 'set' && words[0] !== 'rep') {
        rest = rest.subarray(end + 2);
        apply(words, null);
        continue;
      }
      const length = Number(words[4]);
      if (rest.length < end + 2 + length + 2) return;
      const value = Buffer.from(rest.subarray(end + 2, end + 2 + length));
      rest = rest.subarray(end + 2 + length + 2);
      apply(words, value);
    }
  });
}
