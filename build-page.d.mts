import type { Plugin } from 'esbuild';

/** The page and its Content-Security-Policy. */
export function buildPage(): Promise<{ readonly html: string; readonly policy: string }>;
export const pagePlugin: Plugin;
