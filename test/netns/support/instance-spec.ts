/** One VRRP instance, written once and told in both languages: keepalived.conf and our YAML. Pure. */

/** A number in the order of keepalived's units, or `true` for a keyword that stands alone. */
export type Keywords = Readonly<Record<string, number | true>>;

export interface Vip {
  readonly address: string;
  readonly label?: string;
}

export interface InstanceSpec {
  readonly name: string;
  readonly vrid: number;
  readonly version: 2 | 3;
  /** Default BACKUP. */
  readonly state?: 'MASTER' | 'BACKUP';
  readonly priority: number;
  /** `advert_int`, in seconds. */
  readonly interval: number;
  /** Of PASS authentication. */
  readonly password?: string;
  /** `unicast_src_ip`; goes with `peers`. */
  readonly source?: string;
  /** `unicast_peer`; without it: multicast. */
  readonly peers?: readonly string[];
  readonly vips: ReadonlyArray<string | Vip>;
  /** Keywords that both programs spell the same way, e.g. `{ nopreempt: true, garp_master_delay: 1 }`. */
  readonly keywords?: Keywords;
  /** Names of the tracked scripts. */
  readonly scripts?: readonly string[];
}

/** A `vrrp_script` that runs every second; its first result alone decides. */
export interface ScriptSpec {
  readonly name: string;
  /** Program and arguments, without blanks in any of them. */
  readonly script: readonly string[];
  readonly weight: number;
}

/** keepalived.conf with these scripts and instances. */
export function keepalivedConf(
  instances: readonly InstanceSpec[],
  scripts: readonly ScriptSpec[] = [],
): string {
  const globals = block('global_defs', ['router_id LAB', 'script_user root']);
  return [globals, ...scripts.map(scriptBlock), ...instances.map(instanceBlock)].join('');
}

/** Our config with the same scripts and instances. */
export function memcacheHaConfig(
  instances: readonly InstanceSpec[],
  scripts: readonly ScriptSpec[] = [],
): Readonly<Record<string, unknown>> {
  return {
    global_defs: { script_user: 'root' },
    vrrp_script: Object.fromEntries(
      scripts.map(({ name, script, weight }) => [name, { script, interval: 1, weight }]),
    ),
    vrrp_instance: Object.fromEntries(instances.map((instance) => [instance.name, instanceValue(instance)])),
  };
}

function block(name: string, lines: readonly string[]): string {
  return `${name} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}

function scriptBlock({ name, script, weight }: ScriptSpec): string {
  return block(`vrrp_script ${name}`, [`script "${script.join(' ')}"`, 'interval 1', `weight ${weight}`]);
}

function instanceBlock(spec: InstanceSpec): string {
  const { password, source, peers, scripts = [] } = spec;
  return block(`vrrp_instance ${spec.name}`, [
    `state ${spec.state ?? 'BACKUP'}`,
    'interface eth0',
    `version ${spec.version}`,
    `virtual_router_id ${spec.vrid}`,
    `priority ${spec.priority}`,
    `advert_int ${spec.interval}`,
    ...Object.entries(spec.keywords ?? {}).map(([key, value]) => (value === true ? key : `${key} ${value}`)),
    ...(password === undefined ? [] : ['authentication {', 'auth_type PASS', `auth_pass "${password}"`, '}']),
    ...(source === undefined ? [] : [`unicast_src_ip ${source}`]),
    ...(peers === undefined ? [] : ['unicast_peer {', ...peers, '}']),
    ...(scripts.length === 0 ? [] : ['track_script {', ...scripts, '}']),
    'virtual_ipaddress {',
    ...spec.vips.map(vipText),
    '}',
  ]);
}

function instanceValue(spec: InstanceSpec): Readonly<Record<string, unknown>> {
  const { password, source, peers, scripts } = spec;
  return {
    state: spec.state ?? 'BACKUP',
    interface: 'eth0',
    version: spec.version,
    virtual_router_id: spec.vrid,
    priority: spec.priority,
    advert_int: spec.interval,
    ...spec.keywords,
    ...(password === undefined ? {} : { authentication: { auth_type: 'PASS', auth_pass: password } }),
    ...(source === undefined ? {} : { unicast_src_ip: source }),
    ...(peers === undefined ? {} : { unicast_peer: peers }),
    ...(scripts === undefined ? {} : { track_script: scripts }),
    virtual_ipaddress: spec.vips.map(vipText),
  };
}

function vipText(vip: string | Vip): string {
  if (typeof vip === 'string') return vip;
  return vip.label === undefined ? vip.address : `${vip.address} label ${vip.label}`;
}
