/** What a drill says before it is done. Pure words. */
import { expectedWords } from './faults.ts';
import { HERE } from './hosts.ts';
import type { PreparedDrill } from './prepare.ts';
import { describeUndo } from './undo.ts';

/** A heading and a paragraph of facts, in lines for people. */
export function announcement(drill: PreparedDrill): string[] {
  const { options, instance, role, expectation, victim, hosts, target, key, notes } = drill;
  const addresses = instance.virtual_addresses.map(({ address }) => address);
  const here = hosts.find(({ label }) => label === HERE);
  const peers = hosts
    .filter(({ label }) => label !== HERE)
    .map(({ label, router_id, address }) => `${label} ${router_id} (${address})`);
  const undone = victim.steps.map(describeUndo);
  const fact = (name: string, text: string) => `  ${name.padEnd(10)}${text}`;
  return [
    `memcache-ha drill ${options.fault}`,
    '',
    fact('on', `this host, ${here?.router_id}: ${role} of ${instance.name}`),
    fact('with', peers.length === 0 ? 'nobody that can be seen' : `${peers.join(', ')}, ready`),
    fact('does', victim.words),
    fact('', victim.detail),
    fact('expects', expectedWords(expectation, addresses)),
    fact('watches', `${target} once a millisecond from here, with a key of its own (${key})`),
    fact('undoes', [...undone, ...(victim.keeper === null ? [] : [victim.keeper])].join('; ')),
    ...(undone.length === 0 ? [] : [fact('', 'also after Ctrl-C, and when this command is killed')]),
    ...(options.maxOutage === null
      ? []
      : [fact('allows', `${options.maxOutage / 1000} s without an answer`)]),
    ...notes.map((note) => fact('note', note)),
  ];
}
