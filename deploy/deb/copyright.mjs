// The `copyright` of the package: our licence, and those of everything that is in it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Where Debian's package, NodeSource's, the tarball and npm's package `node` have Node.js' licence, from its binary. */
const NODE_LICENCES = ['../share/doc/nodejs/LICENSE', '../LICENSE', '../share/doc/nodejs/copyright'];

/** `native`: packages that are in it as they are, beside those that are in the bundle. */
export function copyright(native) {
  const { name, license, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const packages = [...closure([...new Set([...Object.keys(dependencies), ...native])])].toSorted();
  const node = NODE_LICENCES.map((path) => join(dirname(process.execPath), path)).find(existsSync);
  const sections = [
    `${name}: ${license}\n\nCopyright: the ${name} maintainers\n\n${MIT}`,
    `Node.js ${process.versions.node} (/usr/lib/${name}/node)\n\n${node === undefined ? 'https://github.com/nodejs/node/blob/main/LICENSE' : readFileSync(node, 'utf8').trim()}`,
    ...packages.map(licenceOf),
  ];
  return `${sections.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

function closure(names, found = new Set()) {
  for (const name of names) {
    const file = join('node_modules', name, 'package.json');
    if (found.has(name) || !existsSync(file)) continue;
    found.add(name);
    closure(Object.keys(JSON.parse(readFileSync(file, 'utf8')).dependencies ?? {}), found);
  }
  return found;
}

function licenceOf(name) {
  const directory = join('node_modules', name);
  const { version, license, author } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
  const holder = typeof author === 'string' ? author : (author?.name ?? 'its authors');
  const text =
    file === undefined
      ? `Copyright: ${holder}\nLicence: ${license}`
      : readFileSync(join(directory, file), 'utf8').trim();
  return `npm package ${name} ${version}: ${license}\n\n${text}`;
}
