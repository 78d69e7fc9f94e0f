/** The packages that the guests install: this version, and one that upgrades it. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const REPOSITORY = new URL('../../../', import.meta.url);
const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };

export const VERSION = version;
/** Newer by Debian's order, and of the same program. */
export const NEXT_VERSION = `${version}+next1`;

/** The file in dist/. */
export const packageFile = (of: string): string => `memcache-ha_${of}_amd64.deb`;
/** What makes one. */
export const packageCommand = (of: string): readonly string[] => [
  process.execPath,
  fileURLToPath(new URL('deploy/package.mjs', REPOSITORY)),
  '--fast',
  '--version',
  of,
];
