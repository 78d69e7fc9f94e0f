/** Whoever asks for a proxy that runs already gets that one, and misses nothing that it has said. */
import { expect, test } from 'vitest';
import { launchEarly } from '../../../../src/daemon/proxies/launched-early.ts';
import type { LaunchEvents, ProxyProgram } from '../../../../src/daemon/proxies/program.ts';

const REPORT = { copies: [], refill: null, refilled: 3 };

/** What the program was told, what its launcher heard, and the events of each process. */
function begin() {
  const told: string[] = [];
  const heard: string[] = [];
  const processes: LaunchEvents[] = [];
  const program: ProxyProgram = {
    launch(events) {
      const pid = processes.push(events);
      told.push(`launch ${pid}`);
      return { pid, write: () => {}, stop: () => told.push(`stop ${pid}`), kill: () => {} };
    },
    needsNoAddress: true,
    shut: () => told.push('shut'),
    recheck: ({ pid }) => told.push(`recheck ${pid}`),
    lookOut: () => {},
    rest: () => told.push('rest'),
    close: () => told.push('close'),
  };
  const early = launchEarly(program, (line) => heard.push(`line ${line}`));
  const launcher: LaunchEvents = {
    onLine: (line) => heard.push(`its line ${line}`),
    onListening: () => heard.push('listens'),
    onReport: ({ refilled }) => heard.push(`report ${refilled}`),
    onSearch: () => heard.push('searches'),
    onEnd: (how) => heard.push(`ended ${how}`),
  };
  return { told, heard, processes, early, launcher, program: early.program };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('it is not started a second time, and its past is told in order, after the launch', async () => {
  const { told, heard, processes, program, launcher } = begin();
  const [first] = processes;
  first!.onLine('hello');
  first!.onListening();
  const child = program.launch(launcher);
  expect([child.pid, heard]).toEqual([1, []]);
  first!.onReport(REPORT);
  await turn();
  first!.onSearch();
  first!.onEnd('SIGKILL');
  expect(heard).toEqual(['its line hello', 'listens', 'report 3', 'searches', 'ended SIGKILL']);
  expect(told).toEqual(['launch 1']);
});

test('the next launch is a new process, and what is not about launching is the program’s own', async () => {
  const { told, heard, processes, program, launcher } = begin();
  program.launch(launcher);
  await turn();
  processes[0]!.onEnd('SIGKILL');
  const child = program.launch(launcher);
  processes[1]!.onListening();
  program.recheck(child);
  expect(heard).toEqual(['ended SIGKILL', 'listens']);
  expect(told).toEqual(['launch 1', 'launch 2', 'recheck 2']);
});

test('one that ended before anybody asked is said once, and a launch is a new process', async () => {
  const { told, heard, processes, early, program, launcher } = begin();
  processes[0]!.onListening();
  processes[0]!.onEnd('exit code 1');
  early.dismiss();
  program.launch(launcher);
  await turn();
  expect(heard).toEqual(['line ended early: exit code 1']);
  expect(told).toEqual(['launch 1', 'launch 2']);
});

test('nobody asks: it is stopped, no clients wait for it, and a launch is a new process', async () => {
  const { told, heard, processes, early, program, launcher } = begin();
  early.dismiss();
  early.dismiss();
  processes[0]!.onEnd('exit code 0');
  program.launch(launcher);
  await turn();
  expect(told).toEqual(['launch 1', 'stop 1', 'rest', 'shut', 'launch 2']);
  expect(heard).toEqual([]);
});

test('once somebody has asked it stays', () => {
  const { told, early, program, launcher } = begin();
  program.launch(launcher);
  early.dismiss();
  program.close();
  expect(told).toEqual(['launch 1', 'close']);
});

test('the configuration has it otherwise: it ends with what is kept for it', () => {
  const { told, program } = begin();
  program.close();
  expect(told).toEqual(['launch 1', 'stop 1', 'rest', 'shut', 'close']);
});
