/** The page in Chromium, before a daemon that says what the test wants: both themes, a desk and a phone. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, open } from './support/browser.ts';
import { faintTexts } from './support/contrast.ts';
import { type Stub, startStub } from './support/stub.ts';
import { ALONE, HARMFUL, MANY, TROUBLE, WELL } from './support/views.ts';

const DESK = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };

let browser: Browser;
let stub: Stub;
beforeAll(async () => {
  [browser, stub] = await Promise.all([launch(), startStub(WELL)]);
});
afterAll(async () => {
  stub?.close();
  await browser?.close();
});

const text = (page: Page, selector: string): Promise<string | null> =>
  page.locator(selector).first().textContent();
const overhang = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
  test.each([
    ['well, at a desk', WELL, DESK],
    ['well, on a phone', WELL, PHONE],
    ['trouble, at a desk', TROUBLE, DESK],
    ['trouble, on a phone', TROUBLE, PHONE],
    ['a peer that does not answer', ALONE, PHONE],
    ['many virtual routers', MANY, PHONE],
  ])(
    '%s: nothing to complain of, nothing beyond the edge, nothing too faint to read',
    async (_, view, viewport) => {
      stub.say(view);
      const { page, complaints } = await open(browser, stub.url, { viewport, colorScheme });
      expect(complaints).toEqual([]);
      expect(await overhang(page)).toBe(0);
      expect(await faintTexts(page)).toEqual([]);
      const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      expect(ground).toBe(colorScheme === 'light' ? 'rgb(244, 245, 247)' : 'rgb(14, 17, 21)');
      await page.context().close();
    },
  );
});

test('both hosts side by side at a desk, one below the other on a phone', async () => {
  stub.say(WELL);
  for (const [viewport, beside] of [
    [DESK, true],
    [PHONE, false],
  ] as const) {
    const { page } = await open(browser, stub.url, { viewport });
    const [a, b] = await Promise.all([0, 1].map((index) => page.locator('.host').nth(index).boundingBox()));
    expect(a!.y === b!.y).toBe(beside);
    expect(await page.locator('.host h2').allInnerTexts()).toEqual(['host-a', 'host-b']);
    expect(await page.locator('.host .badge').allInnerTexts()).toEqual(['● MASTER', '○ BACKUP']);
    await page.context().close();
  }
});

test('follows what happens, by itself, and leaves the focus where it is', async () => {
  stub.say(WELL);
  const { page, complaints } = await open(browser, stub.url, { viewport: DESK });
  expect(await text(page, 'h1')).toBe('host-a serves 10.9.0.250');
  expect(await text(page, '.mood')).toBe('All is well');
  expect(await page.title()).toBe('● host-a serves 10.9.0.250 · memcache-ha');
  await page.locator('.spans a', { hasText: '6h' }).click();
  await page.locator('.spans a[aria-current]', { hasText: '6h' }).waitFor();

  stub.say(TROUBLE);
  await page.locator('h1', { hasText: 'host-b serves 10.9.0.250' }).waitFor();
  expect(await text(page, '.mood')).toBe('Serving, with trouble');
  expect(await page.locator('.problems li').allInnerTexts()).toEqual([
    expect.stringContaining('host-a VI_1 is in FAULT: memcached local: connection refused'),
    expect.stringContaining('host-b proxy front: copy 10.9.0.2:11211 is not whole yet'),
  ]);
  expect(await page.title()).toBe('✕ host-b serves 10.9.0.250 · memcache-ha');
  expect(await page.locator('progress').getAttribute('value')).toBe('500');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('6h');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('the daemon falls silent and comes back', async () => {
  stub.say(WELL);
  const { page } = await open(browser, stub.url, { viewport: PHONE });
  stub.say(null);
  await page.locator('.live', { hasText: /^no answer for \d+ s$/ }).waitFor();
  expect(await text(page, 'h1')).toBe('The daemon of this host does not answer');
  expect(await text(page, '.mood')).toBe('Last heard at 03:00:00');
  // What it said last stays, and is seen to be old.
  expect(await text(page, '.host h2')).toBe('host-a');
  expect(await page.locator('main').getAttribute('class')).toBe('stale');
  expect(await page.title()).toBe('? no answer · memcache-ha');
  stub.say(TROUBLE);
  await page.locator('.live', { hasText: 'live' }).waitFor();
  expect(await text(page, '.mood')).toBe('Serving, with trouble');
  await page.context().close();
});

test('the peer falls silent: what it said before stays in the timeline', async () => {
  stub.say(WELL);
  const { page } = await open(browser, stub.url, { viewport: DESK });
  stub.say({ ...ALONE, now: WELL.now + 1_800_000 });
  await page.locator('.host .badge', { hasText: 'no answer' }).waitFor();
  expect(await page.locator('.host h2').allInnerTexts()).toEqual(['host-a', 'host-b']);
  expect(await text(page, '.host.gone .why')).toBe('connection refused. It answered last at 03:00:00.');
  expect(await page.locator('.timeline .lost text').allTextContents()).toEqual(['no answer']);
  expect(await page.locator('.timeline .band.backup').count()).toBeGreaterThan(0);
  await page.context().close();
});

test('three virtual routers have three pairs of lanes', async () => {
  stub.say(MANY);
  const { page } = await open(browser, stub.url, { viewport: DESK });
  expect(await text(page, 'h1')).toBe('host-a serves VI_1, VI_2 · host-b serves VI_3');
  expect(await page.locator('.timeline').count()).toBe(3);
  expect(await page.locator('.timeline .lane').count()).toBe(6);
  await page.context().close();
});

test('names and details that mean harm are text', async () => {
  stub.say(HARMFUL);
  for (const viewport of [DESK, PHONE]) {
    const { page, complaints } = await open(browser, stub.url, { viewport });
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => dialogs.push(dialog.message()));
    expect(await page.locator('#page img, #page script').count()).toBe(0);
    expect(await text(page, '.host h2')).toContain('"><img src=x onerror=');
    expect(await page.title()).toContain('<script>');
    expect(await overhang(page)).toBe(0);
    expect([complaints, dialogs]).toEqual([[], []]);
    await page.context().close();
  }
});

test('its policy lets nothing in', async () => {
  stub.say(WELL);
  const { page, complaints } = await open(browser, stub.url);
  await page.evaluate(`
    const script = document.createElement('script');
    script.textContent = 'document.title = "pwned"';
    document.body.append(script);
    document.body.setAttribute('onclick', 'document.title = "pwned"');
    document.body.click();
    fetch('http://127.0.0.1:1/').catch(() => {});
  `);
  await page.waitForTimeout(200);
  expect(await page.title()).not.toBe('pwned');
  expect(complaints.filter((line) => line.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(
    3,
  );
  await page.context().close();
});
