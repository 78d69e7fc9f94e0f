import { expect, test } from 'vitest';
import { unitInCgroup } from '../../../src/io/systemd-unit.ts';

test.each([
  ['0::/system.slice/memcached.service\n', 'memcached.service'],
  ['0::/system.slice/system-memcached.slice/memcached@b.service\n', 'memcached@b.service'],
  ['0::/system.slice/memcached.service/inner\n', 'memcached.service'],
  ['1:name=systemd:/system.slice/memcached.service\n0::/\n', 'memcached.service'],
  ['0::/user.slice/user-0.slice/session-1.scope\n', null],
  ['0::/user.slice/user-0.slice/user@0.service/app.slice/mine.service\n', null],
  ['0::/\n', null],
  ['', null],
])('%j belongs to %s', (text, unit) => {
  expect(unitInCgroup(text)).toBe(unit);
});
