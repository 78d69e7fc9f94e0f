// Makes the page out of src/page: markup, style and script in one file that asks for nothing else, and the
// Content-Security-Policy that holds it to that. The program has it as the module `memcache-ha:page`.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const FOLDER = fileURLToPath(new URL('src/page/', import.meta.url));

export async function buildPage() {
  const [script, style, frame] = await Promise.all([
    bundle('client/main.ts'),
    bundle('style/page.css'),
    readFile(`${FOLDER}page.html`, 'utf8'),
  ]);
  // Functions, for `$&` in a replacement would mean something.
  const html = frame
    .replace('/* STYLE */', () => style)
    .replace('/* SCRIPT */', () => script.replaceAll('</', '<\\/'));
  const [inlineScript, inlineStyle] = [/<script[^>]*>(.*)<\/script>/s, /<style>(.*)<\/style>/s].map((tag) =>
    hash(tag.exec(html)[1]),
  );
  const policy = [
    "default-src 'none'",
    `script-src ${inlineScript}`,
    `style-src ${inlineStyle}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}

async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [`${FOLDER}${entry}`],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: ['es2022', 'chrome105', 'firefox121', 'safari16'],
    charset: 'utf8',
    logLevel: 'warning',
  });
  return outputFiles[0].text.trim();
}

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export const pagePlugin = {
  name: 'page',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^memcache-ha:page$/ }, ({ path }) => ({ path, namespace: 'page' }));
    onLoad({ filter: /.*/, namespace: 'page' }, async () => ({
      contents: JSON.stringify(await buildPage()),
      loader: 'json',
    }));
  },
};
