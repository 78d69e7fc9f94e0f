import { expect, test } from 'vitest';
import { whatIsLacking } from '../../../src/demo/requirements.ts';

const everything = () => true;

test('root is wanted, in one line', () => {
  expect(whatIsLacking({ uid: 1000, hasProgram: everything })).toMatch(/^needs root, .* sudo npm run demo$/);
});

test('missing programs are named, with the script that installs them', () => {
  const hasProgram = (name: string) => !['memcached', 'tcpdump'].includes(name);
  expect(whatIsLacking({ uid: 0, hasProgram })).toBe(
    'these programs are missing: memcached, tcpdump; deploy/setup.sh installs what it needs',
  );
  expect(whatIsLacking({ uid: 0, hasProgram: (name) => name !== 'ip' })).toMatch(
    /^this program is missing: ip;/,
  );
});

test('nothing is lacking', () => {
  expect(whatIsLacking({ uid: 0, hasProgram: everything })).toBeNull();
});
