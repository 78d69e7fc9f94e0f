/** When a proxy is told that another master was heard: also when it has only just been started, or is about to be. */
import { expect, test } from 'vitest';
import type { ProxyConfig } from '../../../../src/config/config.ts';
import type { LaunchEvents, ProxyProgram } from '../../../../src/daemon/proxies/program.ts';
import { createProxyRunner } from '../../../../src/daemon/proxies/runner.ts';

const CONFIG = { name: 'front', run: 'always', engine: 'bundled' } as ProxyConfig;

/** What the program was told, in order, and the events of its latest launch. */
function run() {
  const told: string[] = [];
  const wanted: boolean[] = [];
  let events: LaunchEvents | null = null;
  const program: ProxyProgram = {
    launch(its) {
      told.push('launch');
      events = its;
      return { pid: 1, write: () => {}, stop: () => told.push('stop'), kill: () => {} };
    },
    needsNoAddress: false,
    shut: () => {},
    recheck: () => told.push('recheck'),
    lookOut: () => told.push('look out'),
    rest: () => {},
    close: () => {},
  };
  const runner = createProxyRunner({
    job: { config: CONFIG, program },
    clock: { now: () => 0, at: () => () => {} },
    onEvent: (event) => void (event.type === 'wanted' && wanted.push(event.wanted)),
    onFitness: () => {},
  });
  return { told, wanted, runner, ends: () => events!.onEnd('SIGTERM'), listens: () => events!.onListening() };
}

test('before it listens', () => {
  const { told, runner } = run();
  runner.start();
  runner.recheck();
  expect(told).toEqual(['launch', 'recheck']);
});

test('before it is started: as soon as it is', () => {
  const { told, runner, listens } = run();
  runner.recheck();
  runner.start();
  listens();
  expect(told).toEqual(['launch', 'recheck']);
});

test('while the one before still takes its leave: as soon as that has ended', () => {
  const { told, runner, ends } = run();
  runner.start();
  runner.stop();
  runner.start();
  runner.recheck();
  expect(told).toEqual(['launch', 'stop']);
  ends();
  expect(told).toEqual(['launch', 'stop', 'launch', 'recheck']);
});

test('what stands by looks out, and nothing else does', () => {
  const { told, runner } = run();
  runner.lookOut();
  runner.start();
  runner.lookOut();
  runner.stop();
  runner.lookOut();
  expect(told).toEqual(['look out', 'launch', 'stop', 'look out']);
});

test('not in a later life: it was to be stopped meanwhile', () => {
  const { told, runner, ends } = run();
  runner.recheck();
  runner.stop();
  runner.start();
  expect(told).toEqual(['launch']);
  runner.stop();
  runner.recheck();
  ends();
  expect(told).toEqual(['launch', 'stop']);
});

test('whether it is wanted is told when that changes, whatever becomes of it', () => {
  const { wanted, runner, ends } = run();
  runner.start();
  runner.start();
  ends();
  expect(wanted).toEqual([true]);
  runner.stop();
  runner.stop();
  expect(wanted).toEqual([true, false]);
});
