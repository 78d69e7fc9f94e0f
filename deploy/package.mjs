// `npm run package`: dist/memcache-ha_VERSION_amd64.deb, with dpkg-deb alone. The Node.js that runs this is in it, without
// npm: Debian 12's own is 18, and the native modules fit one version of it. Same sources, same SOURCE_DATE_EPOCH, same
// Node.js: same bytes.
//
//   npm run package -- [--version VERSION] [--output DIRECTORY] [--fast]
//
// --fast: a bigger file in a fraction of the time.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { bundle, NODE_FLAGS, PROGRAM, PROGRAM_FILES, VERSION } from '../build.mjs';
import { copyright } from './deb/copyright.mjs';

const { values } = parseArgs({
  options: {
    version: { type: 'string', default: VERSION },
    output: { type: 'string', default: 'dist' },
    fast: { type: 'boolean', default: false },
  },
});
const { version, output, fast } = values;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Where the program lives on the host. */
const LIB = 'usr/lib/memcache-ha';
/** What is loaded at run time of the packages with native code; the rest of them is sources, tools and other systems. */
const NATIVE = {
  koffi: ['package.json', 'index.cjs', 'src/koffi/index.cjs', 'src/koffi/src/static.cjs'],
  '@koromix/koffi-linux-x64': ['package.json', 'index.js', 'linux_x64/koffi.node'],
  'raw-socket': ['package.json', 'index.js', 'build/Release/raw.node'],
};
/** Made by `npm run man`, when there is such a script. */
const MANUALS = ['memcache-ha.8', 'memcache-ha.yaml.5'];
/** For Prometheus and Grafana, where they are there. */
const MONITORING = [
  'prometheus/prometheus.yml',
  'prometheus/memcache-ha.rules.yml',
  'grafana/memcache-ha.json',
];
const COMPLETIONS = {
  'memcache-ha.bash': 'usr/share/bash-completion/completions/memcache-ha',
  '_memcache-ha': 'usr/share/zsh/vendor-completions/_memcache-ha',
  'memcache-ha.fish': 'usr/share/fish/vendor_completions.d/memcache-ha.fish',
};

process.chdir(ROOT);
process.umask(0o022);
if (process.platform !== 'linux' || arch() !== 'x64') fail('it is made on Linux on amd64, for the same');
if (!/^\d[A-Za-z0-9.+~]*$/.test(version)) fail(`${version} is no version of a Debian package`);
for (const program of ['dpkg-deb', 'dpkg-shlibdeps', 'strip']) {
  if (!which(program)) fail(`there is no ${program}: run sudo deploy/setup.sh`);
}
process.env.SOURCE_DATE_EPOCH ??= commitTime();

const stage = mkdtempSync(join(tmpdir(), 'memcache-ha-deb-'));
process.on('exit', () => rmSync(stage, { recursive: true, force: true }));
const tree = join(stage, 'tree');

console.log(`packaging memcache-ha ${version} with Node.js ${process.versions.node}`);
await fillLib();
fillHost();
fillDocumentation();
fillControl();
const deb = join(output, `memcache-ha_${version}_amd64.deb`);
mkdirSync(output, { recursive: true });
const compression = fast ? ['-Zgzip', '-z1'] : ['-Zxz', '--threads-max=2'];
run('dpkg-deb', ['--root-owner-group', ...compression, '--build', tree, deb]);
console.log(
  `${deb}: ${(statSync(deb).size / 1e6).toFixed(1)} MB, installed ${(installedSize() / 1e3).toFixed(0)} MB`,
);

async function fillLib() {
  const program = join(tree, LIB, PROGRAM);
  await bundle(dirname(program), version, false);
  // Only ever run by the Node.js beside it.
  writeFileSync(program, readFileSync(program, 'utf8').replace(/^#!.*\n/, ''));
  for (const file of PROGRAM_FILES) chmodSync(join(tree, LIB, file), 0o644);
  put(process.execPath, `${LIB}/node`, 0o755);
  for (const [name, files] of Object.entries(NATIVE)) {
    for (const file of files) put(`node_modules/${name}/${file}`, `${LIB}/node_modules/${name}/${file}`);
  }
  for (const file of elfFiles()) run('strip', ['--strip-unneeded', join(tree, file)]);
  const load = "require('koffi').load('libc.so.6'); require('raw-socket')";
  run(join(tree, LIB, 'node'), ['-e', load], join(tree, LIB));
  put('deploy/after-stop', `${LIB}/after-stop`, 0o755);
  write(
    'usr/bin/memcache-ha',
    `#!/bin/sh\nexec /${LIB}/node ${NODE_FLAGS.join(' ')} /${LIB}/${PROGRAM} "$@"\n`,
    0o755,
  );
}

function fillHost() {
  put('deploy/memcache-ha.service', 'lib/systemd/system/memcache-ha.service');
  for (const unit of ['memcache-ha-drill.service', 'memcache-ha-drill.timer']) {
    put(`deploy/${unit}`, `lib/systemd/system/${unit}`);
  }
  put('deploy/memcache-ha.sysusers', 'usr/lib/sysusers.d/memcache-ha.conf');
  put('deploy/memcache-ha.yaml', 'etc/memcache-ha/memcache-ha.yaml');
  put('deploy/deb/lintian-overrides', 'usr/share/lintian/overrides/memcache-ha');
}

function fillDocumentation() {
  const documentation = 'usr/share/doc/memcache-ha';
  write(`${documentation}/copyright`, copyright(Object.keys(NATIVE)));
  const when = new Date(Number(process.env.SOURCE_DATE_EPOCH) * 1000).toUTCString().replace('GMT', '+0000');
  const change = `memcache-ha (${version}) unstable; urgency=medium\n\n  * Version ${version}.\n\n -- ${maintainer()}  ${when}\n`;
  write(`${documentation}/changelog.gz`, gzipSync(change, { level: 9 }));
  const pages = readdirSync('docs').map((name) => `docs/${name}`);
  for (const file of ['README.md', 'README.zh-CN.md', ...pages]) {
    write(`${documentation}/${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
  }
  for (const file of [
    'tutorial1-host-a',
    'tutorial1-host-b',
    'tutorial2-host-a',
    'tutorial2-host-b',
    'memcache-ha',
  ]) {
    put(`config/${file}.yaml`, `${documentation}/examples/${file}.yaml`);
  }
  put('config/memcache-ha.schema.json', `${documentation}/examples/memcache-ha.schema.json`);
  for (const name of ['use-vmac', 'script-user'])
    put(`deploy/drop-ins/${name}.conf`, `${documentation}/examples/${name}.conf`);
  for (const name of ['memcache-ha-drill.service', 'memcache-ha-drill.timer'])
    put(`deploy/${name}`, `${documentation}/examples/${name}`);

  for (const file of MONITORING.filter((each) => existsSync(`deploy/${each}`))) {
    put(`deploy/${file}`, `${documentation}/examples/${file}`);
  }

  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  if (scripts.man !== undefined) run('npm', ['run', '-s', 'man']);
  for (const manual of MANUALS.filter((name) => existsSync(`dist/man/${name}`))) {
    write(
      `usr/share/man/man${manual.at(-1)}/${manual}.gz`,
      gzipSync(readFileSync(`dist/man/${manual}`), { level: 9 }),
    );
  }
  for (const [name, place] of Object.entries(COMPLETIONS)) {
    if (existsSync(`deploy/completion/${name}`)) put(`deploy/completion/${name}`, place);
  }
}

function fillControl() {
  for (const script of ['postinst', 'prerm', 'postrm'])
    put(`deploy/deb/${script}`, `DEBIAN/${script}`, 0o755);
  write('DEBIAN/conffiles', '/etc/memcache-ha/memcache-ha.yaml\n');
  const files = treeFiles().filter((file) => !file.startsWith('DEBIAN/') && !file.startsWith('etc/'));
  const sums = files.map((file) => run('md5sum', [file], tree)).join('');
  write('DEBIAN/md5sums', sums);
  const fields = readFileSync('deploy/deb/control', 'utf8')
    .replace('@VERSION@', version)
    .replace('@MAINTAINER@', maintainer())
    .replace('@SIZE@', String(Math.ceil(installedSize())))
    .replace('@LIBRARIES@', libraries());
  write('DEBIAN/control', fields);
}

/** The shared libraries that the binaries need, with versions, as dpkg-shlibdeps knows them. */
function libraries() {
  const empty = join(stage, 'debian');
  mkdirSync(empty);
  writeFileSync(join(empty, 'control'), 'Source: memcache-ha\n\nPackage: memcache-ha\nArchitecture: amd64\n');
  const words = [
    '-O',
    '--warnings=0',
    '--ignore-missing-info',
    '-xnodejs',
    ...elfFiles().map((file) => `-e${join(tree, file)}`),
  ];
  return run('dpkg-shlibdeps', words, stage).replace('shlibs:Depends=', '').trim();
}

function elfFiles() {
  return treeFiles().filter((file) => file.endsWith('.node') || file === `${LIB}/node`);
}

function treeFiles() {
  return run('find', ['.', '-type', 'f', '-printf', '%P\\n'], tree).trim().split('\n').toSorted();
}

/** In KiB, as Debian counts. */
function installedSize() {
  return treeFiles().reduce((sum, file) => sum + statSync(join(tree, file)).size, 0) / 1024;
}

function maintainer() {
  const { DEBFULLNAME = 'memcache-ha maintainers', DEBEMAIL = 'memcache-ha@packages.invalid' } = process.env;
  return `${DEBFULLNAME} <${DEBEMAIL}>`;
}

function put(source, place, mode = 0o644) {
  const target = join(tree, place);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target);
  chmodSync(target, mode);
}

function write(place, content, mode = 0o644) {
  const target = join(tree, place);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  chmodSync(target, mode);
}

function commitTime() {
  try {
    return run('git', ['log', '-1', '--format=%ct']).trim();
  } catch {
    return String(Math.floor(statSync('package.json').mtimeMs / 1000)); // no checkout
  }
}

function which(program) {
  return process.env.PATH.split(':').some((directory) => existsSync(join(directory, program)));
}

function run(program, words, cwd = ROOT) {
  return execFileSync(program, words, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1e8,
  });
}

function fail(message) {
  console.error(`package: ${message}`);
  process.exit(1);
}
