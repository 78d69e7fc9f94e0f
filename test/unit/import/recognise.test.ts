/** Scripts that are recognised, and those that must stay scripts. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is keepalived's and the shell's here
import { describe, expect, test } from 'vitest';
import { recogniseMagent } from '../../../src/import/recognise/magent.ts';
import { recogniseCheck } from '../../../src/import/recognise/memcached-check.ts';
import { shellCommands } from '../../../src/import/recognise/shell.ts';
import { importText, instance, instanceLines, lossesOf } from './conf.ts';

test.each([
  ['a b | c d; e && f', [['a', 'b'], ['c', 'd'], ['e'], ['f']]],
  ['x=1\necho $x "${x}2" \'$x\'', [['echo', '1', '12', '1']]],
  ['echo $1 ${2:-z} $3', [['echo', 'p', 'z', '$3']]],
  [
    'n=$(pidof a | wc -l) # b',
    [
      ['pidof', 'a'],
      ['wc', '-l'],
    ],
  ],
  ['n=`pidof a`', [['pidof', 'a']]],
  ['a \\\n b', [['a', 'b']]],
  ['if ! a; then b; fi', [['a'], ['b'], ['fi']]],
  ['"a b" c\\ d', [['a b', 'c d']]],
])('commands of %j', (text, commands) => {
  expect(shellCommands(text, ['p'])).toEqual(commands);
});

describe('checks of memcached', () => {
  test.each([
    ['echo stats | nc 127.0.0.1 11211', '127.0.0.1:11211', 'asks it'],
    ['echo -e "stats\\nquit" | nc -w 1 localhost 11311 | grep -q uptime', '127.0.0.1:11311', 'asks it'],
    ['H=10.0.0.1\nprintf "stats\\r\\n" | ncat $H 11211', '10.0.0.1:11211', 'asks it'],
    ['nc -z 127.0.0.1 11211', '127.0.0.1:11211', 'asks it'],
    ['memcached-tool 127.0.0.1:11211 stats', '127.0.0.1:11211', 'asks it'],
    ['exec 3<>/dev/tcp/127.0.0.1/11211', '127.0.0.1:11211', 'asks it'],
    ['ss -lnt | grep 11211', '127.0.0.1:11211', 'looks for its port'],
    ['netstat -ntlp | grep mem | wc -l', '127.0.0.1:11211', 'looks for its port'],
    ['n=`netstat -lnp|grep memcached|grep :11311|wc -l`', '127.0.0.1:11311', 'looks for its port'],
    ['lsof -i:11211', '127.0.0.1:11211', 'looks for its port'],
    ['pgrep -x memcached', '127.0.0.1:11211', 'looks for its process'],
    ['pidof memcached || exit 1', '127.0.0.1:11211', 'looks for its process'],
    ['ps -C memcached --no-header | wc -l', '127.0.0.1:11211', 'looks for its process'],
    ['ps -ef | grep memcached | grep -v grep', '127.0.0.1:11211', 'looks for its process'],
    ['killall -0 memcached', '127.0.0.1:11211', 'looks for its process'],
    ['systemctl is-active memcached', '127.0.0.1:11211', 'looks for its process'],
    ['pgrep memcached && echo stats | nc 127.0.0.1 11211', '127.0.0.1:11211', 'asks it'],
  ])('%s', (text, address, how) => {
    expect(recogniseCheck(shellCommands(text, []))).toEqual({ address, how, restarts: false });
  });

  test.each([
    'nc -z 127.0.0.1 80',
    'pgrep nginx',
    'free -m | grep Mem',
    'ps aux | grep mysqld',
    'killall memcached',
    'echo stats | nc $HOST 11211',
    'curl -f http://127.0.0.1/ && pgrep memcached',
    'pidof haproxy && pidof memcached',
    'echo stats | nc 10.0.0.1 11211 && echo stats | nc 10.0.0.2 11211',
    '# echo stats | nc 127.0.0.1 11211',
    '',
  ])('%s stays a script', (text) => {
    expect(recogniseCheck(shellCommands(text, []))).toBeNull();
  });

  test.each(['systemctl restart memcached', 'service memcached start', 'memcached -d -u nobody'])(
    'that also runs %s',
    (start) => {
      expect(recogniseCheck(shellCommands(`pgrep memcached || ${start}`, []))?.restarts).toBe(true);
    },
  );
});

test.each([
  [
    'magent -u root -n 51200 -l 10.0.0.9 -p 12000 -s 10.0.0.1:11211 -b 10.0.0.2:11211',
    ['10.0.0.9', '12000', ['10.0.0.1:11211'], ['10.0.0.2:11211']],
    'magent -D -u root -n 51200 -l {host} -p {port} -s 10.0.0.1:11211 -b 10.0.0.2:11211',
  ],
  [
    '/usr/bin/magent -k -D -s10.0.0.1 -s 10.0.0.2 &',
    ['0.0.0.0', '11211', ['10.0.0.1', '10.0.0.2'], []],
    '/usr/bin/magent -D -k -l {host} -p {port} -s 10.0.0.1 -s 10.0.0.2',
  ],
])('%s', (text, [host, port, servers, backups], command) => {
  const magent = recogniseMagent(shellCommands(text, []))!;
  expect([magent.host, magent.port, magent.servers, magent.backups]).toEqual([host, port, servers, backups]);
  expect(magent.command.join(' ')).toBe(command);
});

test.each(['pkill magent', 'magent -h', 'pgrep -x magent'])('%s starts none', (text) => {
  expect(recogniseMagent(shellCommands(text, []))).toBeNull();
});

describe('in a config', () => {
  const SCRIPT = 'vrrp_script m {\nscript "/etc/keepalived/m.sh"\nfall 3\nweight -30\n}\n';
  const files = { '/etc/keepalived/m.sh': '#!/bin/sh\npgrep memcached || systemctl restart memcached\n' };

  test('a weight goes along; what else the script does is told', () => {
    const imported = importText(SCRIPT + instance('track_script { m }'), files);
    expect(instanceLines(imported)).toEqual(['track_memcached: [local weight -30]']);
    expect(lossesOf(imported)).toEqual([
      '1: vrrp_script m: the script also starts memcached; give its systemd unit Restart=always',
    ]);
    expect(imported.yaml).toContain('#   vrrp_script m {\n  #     script "/etc/keepalived/m.sh"\n');
  });

  test('without its text, or not tracked, a script stays', () => {
    expect(importText(SCRIPT + instance('track_script { m }')).yaml).toContain('track_script: [m]');
    expect(importText(SCRIPT + instance(), files).yaml).toContain('vrrp_script:\n  m:');
  });

  test('a folder of scripts', () => {
    const elsewhere = { '/copy/m.sh': files['/etc/keepalived/m.sh'] };
    const text = SCRIPT + instance('track_script { m weight 7 }');
    const imported = importText(text, elsewhere, { scriptFolders: ['/copy'] });
    expect(instanceLines(imported)).toEqual(['track_memcached: [local weight 7]']);
  });

  test('a hook that starts magent becomes a proxy, and goes', () => {
    const hook =
      '#!/bin/sh\n[ "$1" = up ] && magent -l 10.0.0.5 -p 12000 -s 10.0.0.1:11211 -b 10.0.0.2:11211\n';
    const imported = importText(
      instance('unicast_src_ip 10.0.0.2', 'notify_master "/x/h.sh up"', 'notify_backup /x/other.sh'),
      { '/x/h.sh': hook },
      { proxy: 'bundled' },
    );
    expect(instanceLines(imported).filter((line) => !line.startsWith('#'))).toEqual([
      'unicast_src_ip: 10.0.0.2',
      'track_memcached: [local]',
      'proxy: front',
      'notify_backup: /x/other.sh',
    ]);
    expect(imported.yaml).toContain('address: 10.0.0.2:11211');
    expect(imported.yaml).not.toMatch(/^ *command:/m);
    expect(imported.yaml).toContain('# To keep magent: command: [magent, -D, -l, "{host}", -p, "{port}", -s');
    expect(lossesOf(imported)).toEqual([
      '6: notify_master "/x/h.sh up": it starts or stops magent, which the proxy block does now; put what else it does into another hook',
    ]);
  });

  test('a script beside keepalived that is nothing of the kind is named', () => {
    const imported = importText(instance(), {}, { scripts: [{ file: 'x.sh', text: 'true\n' }] });
    expect(lossesOf(imported)).toEqual(['x.sh:1: x.sh: starts no magent and asks no memcached']);
  });

  test('magent on an address that only the script knows', () => {
    const text = 'VIP=$(cat /etc/vip)\nmagent -l $ADDR -p 12000 -s 10.0.0.1 -b 10.0.0.2\n';
    const scripts = [{ file: 'x.sh', text }];
    expect(importText(instance(), {}, { scripts }).yaml).toContain('    listen: 10.0.0.5:12000\n');
    const second = instance().replace('VI_1', 'VI_2').replace('51', '52').replace('10.0.0.5', '10.0.0.6');
    expect(lossesOf(importText(`${instance()}\n${second}`, {}, { scripts }))).toEqual([
      'x.sh:2: magent: no vrrp_instance has the address $ADDR that it listens on',
    ]);
  });

  test('of two instances the one whose address magent listens on', () => {
    const second = instance().replace('VI_1', 'VI_2').replace('51', '52').replace('10.0.0.5', '10.0.0.6');
    const scripts = [{ file: 'x.sh', text: 'magent -l 10.0.0.6 -p 12000 -s 10.0.0.1 -b 10.0.0.2\n' }];
    const { yaml } = importText(`${instance()}\n${second}`, {}, { scripts });
    expect(yaml.indexOf('proxy: front')).toBeGreaterThan(yaml.indexOf('VI_2:'));
  });

  test('a script beside keepalived that asks memcached', () => {
    const text = 'pidof memcached || systemctl stop keepalived\n';
    const imported = importText(instance(), {}, { scripts: [{ file: 'x.sh', text }] });
    expect(instanceLines(imported)).toEqual(['track_memcached: [local]']);
  });
});
