/** `stat` of the binary protocol: a packet per statistic and an empty one at the end. */
import { errorPacket, HEADER, packet, STATUS } from './binary-format.ts';
import type { BinaryRequest } from './binary-write.ts';
import { fail } from './binary-write.ts';
import { enqueueOp, settleWith } from './output.ts';
import { readText } from './read.ts';
import { statLines } from './statistics.ts';
import type { Client } from './types.ts';
import { newOp } from './types.ts';

/** Answers a request for the statistics that its key names; no key: the proxy's own. */
export function binaryStats(client: Client, request: BinaryRequest): void {
  const { proxy } = client;
  const { code, opaque, key } = request;
  const op = newOp(client);
  op.opcode = code;
  op.opaque = opaque;
  enqueueOp(client, op);
  if (key === '') {
    settleWith(op, packets(code, opaque, statLines(proxy)));
  } else if (key.startsWith('reset')) {
    settleWith(op, packets(code, opaque, []));
  } else if (['settings', 'items', 'slabs', 'sizes'].includes(key)) {
    op.render = (_op, _backend, buffer, start, end) => {
      const lines = buffer.toString('latin1', start, end).split('\r\n');
      const found = lines.map((line) => /^STAT (\S+) (.*)$/.exec(line)).filter((match) => match !== null);
      if (found.length === 0 && lines[0] !== 'END') fail(op, buffer, start, end);
      else
        settleWith(
          op,
          packets(
            code,
            opaque,
            found.map((match) => [match[1]!, match[2]!]),
          ),
        );
    };
    const pair = proxy.pairs.flat().find((candidate) => candidate.authority !== null) ?? proxy.pairs[0]![0]!;
    readText(op, pair, 'stats', `stats ${key}\r\n`);
  } else {
    settleWith(op, errorPacket(code, opaque, STATUS.notFound));
  }
}

function packets(
  code: number,
  opaque: number,
  stats: readonly (readonly [string, string | number])[],
): Buffer {
  const pieces = stats.map(([name, value]) => {
    const text = String(value);
    const bytes = packet(code, opaque, STATUS.ok, 0, name.length, name.length + text.length, 0n);
    bytes.write(name + text, HEADER, 'latin1');
    return bytes;
  });
  return Buffer.concat([...pieces, packet(code, opaque, STATUS.ok, 0, 0, 0, 0n)]);
}
