/** Debian's headless Chromium with a profile of its own, and what a page in it complains of. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Host } from '../../../src/lab/host.ts';

/** Where Debian has it; deploy/setup.sh installs the first. */
const PROGRAMS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

const FLAGS = [
  '--no-sandbox', // the tests run as root
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts it, in this host of a lab or else here.
 * @throws Error when there is no Chromium
 */
export async function launch(host?: Pick<Host, 'namespace' | 'directory'>): Promise<Browser> {
  const program = PROGRAMS.find((each) => existsSync(each));
  if (program === undefined) throw new Error(`no ${PROGRAMS.join(' or ')}: run deploy/setup.sh`);
  let executablePath = program;
  if (host !== undefined) {
    executablePath = join(host.directory, 'chromium');
    const enter = `nsenter --net=/run/netns/${host.namespace} --`;
    writeFileSync(executablePath, `#!/bin/sh\nexec ${enter} ${program} "$@"\n`, { mode: 0o755 });
  }
  return chromium.launch({ executablePath, args: FLAGS, timeout: 60_000 });
}

export interface Opened {
  readonly page: Page;
  /** Errors of scripts, of the console and of the Content-Security-Policy, and requests to anywhere else. */
  readonly complaints: string[];
}

/** Opens the page and waits until it has drawn the pair. */
export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ timezoneId: 'UTC', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const asked = request.url();
    if (!asked.startsWith(new URL('/', url).href) && !asked.startsWith('data:'))
      complaints.push(`asks ${asked}`);
  });
  await page.goto(url, { timeout: 30_000 });
  await page.waitForSelector('h1', { timeout: 30_000 });
  return { page, complaints };
}
