/** The two hosts as a picture of two boxes, and before and after side by side with what changed marked. Pure. */
import { LABELS, type Label, PROXY_PORT, VIP } from './settings.ts';
import type { Style } from './style.ts';

/** What is true of a host just now. */
export interface View {
  readonly label: Label;
  readonly address: string;
  /** The daemon's state by its own words; null: no daemon answers. */
  readonly state: string | null;
  /** By `ip addr`. */
  readonly holdsVip: boolean;
  /** By the kernel's listening sockets. */
  readonly proxyListens: boolean;
  readonly memcachedListens: boolean;
}

export type Views = Readonly<Record<Label, View>>;

const WIDTH = 34;

function rows(view: View): ReadonlyArray<readonly [mark: boolean, text: string]> {
  const { state, holdsVip, proxyListens, memcachedListens } = view;
  return [
    [state === 'MASTER', state ?? 'off'],
    [holdsVip, `VIP ${VIP}`],
    [proxyListens, `proxy on port ${PROXY_PORT}`],
    [memcachedListens, 'memcached'],
  ];
}

/** Seven lines: both hosts next to each other; what differs from `before` is marked with `<`. */
export function picture(views: Views, style: Style, before?: Views): string[] {
  const boxes = LABELS.map((label) => box(views[label], style, before?.[label]));
  return boxes[0]!.map((_, line) => `  ${boxes.map((one) => one[line]).join('   ')}`);
}

function box(view: View, style: Style, before: View | undefined): string[] {
  const title = ` host ${view.label}  ${view.address} `;
  const old = before === undefined ? null : rows(before);
  return [
    `┌─${style.witness(view.label, title)}${'─'.repeat(WIDTH - title.length - 1)}┐`,
    ...rows(view).map(([mark, text], index) => {
      const changed = old !== null && (old[index]![0] !== mark || old[index]![1] !== text);
      const plain = ` ${mark ? '●' : '·'} ${text}`.padEnd(WIDTH - 10);
      const words = `${yesNo(index, mark)}${changed ? ' <' : ''}`.padEnd(10);
      return `│${mark ? style.good(plain) : style.dim(plain)}${changed ? style.bold(words) : words}│`;
    }),
    `└${'─'.repeat(WIDTH)}┘`,
  ];
}

/** The words behind each row. */
const WORDS = [
  ['', ''],
  ['here', '-'],
  ['listens', '-'],
  ['up', 'down'],
] as const;

const yesNo = (row: number, mark: boolean) => WORDS[row]![mark ? 0 : 1];

/** One sentence: who is MASTER, who holds the VIP. */
export function whoHolds(views: Views): string {
  const holders = LABELS.filter((label) => views[label].holdsVip);
  const masters = LABELS.filter((label) => views[label].state === 'MASTER');
  const name = (labels: readonly Label[]) => (labels.length === 0 ? 'nobody' : labels.join(' and '));
  return `MASTER is ${name(masters)}; the VIP is on ${name(holders)}.`;
}
