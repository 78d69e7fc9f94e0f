/** A configuration that went through another process is the same configuration. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { decodeConfig, encodeConfig } from '../../../src/config/handed-over.ts';
import { configOf } from './sample.ts';

const EXAMPLES = fileURLToPath(new URL('../../../config', import.meta.url));

describe('handed over and taken', () => {
  test.each(readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml')))('%s', (name) => {
    const config = configOf(readFileSync(join(EXAMPLES, name), 'utf8'));
    expect(decodeConfig(encodeConfig(config))).toEqual(config);
  });

  test('a password stays bytes, and a lease that is off stays off', () => {
    const [instance] = configOf(`
vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    authentication: { auth_type: PASS, auth_pass: "pässword" }
    vip_lease: off
    virtual_ipaddress: [10.0.0.5]
`).instances;
    const [taken] = decodeConfig(encodeConfig({ ...configOf(MINIMAL), instances: [instance!] })).instances;
    expect(taken!.vrrp.authPass).toBeInstanceOf(Uint8Array);
    expect(taken).toEqual(instance);
  });

  test('what is no configuration of ours is not taken', () => {
    expect(() => decodeConfig('{"global":')).toThrow();
  });
});

const MINIMAL = `
vrrp_instance:
  VI_1: { interface: eth0, virtual_router_id: 51, virtual_ipaddress: [10.0.0.5] }
`;
