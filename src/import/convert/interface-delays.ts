/** keepalived's interface_up_down_delays: `INTERFACE DOWN [UP]` on each line. */

import { lossOf, originOf } from '../keywords/origin.ts';
import { isKnown } from '../known.ts';
import { type Collection, list, section } from '../model.ts';
import type { Statement } from '../read/tree.ts';
import { NOT_YET } from './block.ts';

const KEY = 'interface_up_down_delays';

/** Adds them to the config. Without UP it is DOWN. */
export function convertInterfaceDelays(config: Collection, statement: Statement): void {
  if (!isKnown([KEY])) {
    config.losses.push(lossOf(statement, NOT_YET));
    return;
  }
  const delays = section(config, KEY, originOf(statement));
  for (const line of statement.block ?? []) {
    const [name, down, up = down] = line.words;
    if (name === undefined || down === undefined || up === undefined) {
      delays.losses.push(lossOf(line, 'must be INTERFACE DOWN [UP]'));
      continue;
    }
    const origin = originOf(line);
    const value = list([down, up].map((delay) => ({ key: null, value: seconds(delay), origin })));
    delays.entries.push({ key: name, value, origin });
  }
}

function seconds(text: string): number | string {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
