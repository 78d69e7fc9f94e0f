/** Which hosts are asked for their status: those that are given, or those of unicast_peer. */
import { expect, test } from 'vitest';
import { formatEndpoint } from '../../../src/config/endpoint.ts';
import { configOf, MINIMAL, problemsOf, withInstanceLines } from './sample.ts';

const UNICAST = withInstanceLines('unicast_src_ip: 10.0.0.1', 'unicast_peer: [10.0.0.2, 10.0.0.3]');
const metrics = (text: string) => `global_defs: { metrics: ${text} }\n`;

test.each([
  ['multicast', MINIMAL + metrics('{ listen: "0.0.0.0:9650" }'), []],
  ['unicast, and nothing is said of metrics', UNICAST, []],
  ['unicast, listening on loopback', UNICAST + metrics('{ listen: "127.0.0.2:9650" }'), []],
  ['unicast, listening on ::1', UNICAST + metrics('{ listen: "[::1]:9650" }'), []],
  [
    'unicast, listening for all',
    UNICAST + metrics('{ listen: "0.0.0.0:9700" }'),
    ['10.0.0.2:9700', '10.0.0.3:9700'],
  ],
  ['unicast, and told otherwise', UNICAST + metrics('{ listen: "0.0.0.0:9700", peers: [] }'), []],
  ['metrics turned off', UNICAST + metrics('null'), []],
  [
    'given',
    MINIMAL + metrics('{ peers: ["10.0.0.2:9700", host-b, "[fd00:0::2]:9650", "10.0.0.2:9700"] }'),
    ['10.0.0.2:9700', 'host-b:9650', '[fd00::2]:9650'],
  ],
  [
    'link-local peers, which have no interface here',
    withInstanceLines('unicast_src_ip: fe80::1', 'unicast_peer: [fe80::2]').replace('10.0.0.5', 'fe80::5') +
      metrics('{ listen: "[::]:9650" }'),
    [],
  ],
])('%s', (_, text, expected) => {
  expect(configOf(text).global.metricsPeers.map(formatEndpoint)).toEqual(expected);
});

test('two instances with the same peer', () => {
  const second = UNICAST.slice(UNICAST.indexOf('  VI_1')).replace('VI_1', 'VI_2').replace('51', '52');
  const text = `${UNICAST}${second.replace('10.0.0.5', '10.0.0.6')}${metrics('{ listen: "0.0.0.0:1" }')}`;
  expect(configOf(text).global.metricsPeers.map(formatEndpoint)).toEqual(['10.0.0.2:1', '10.0.0.3:1']);
});

test.each([
  ['10.0.0.2:9650', 'global_defs.metrics.peers: is "10.0.0.2:9650", must be a list of HOST or HOST:PORT'],
  ['[10.0.0.300]', 'global_defs.metrics.peers[0]: is "10.0.0.300", must be'],
  ['[":9650"]', 'global_defs.metrics.peers[0]: is ":9650", must be'],
])('a mistake: %s', (peers, expected) => {
  const [problem] = problemsOf(`${MINIMAL}${metrics(`{ peers: ${peers} }`)}`);
  expect(problem).toContain(expected);
});
