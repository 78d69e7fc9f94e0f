/** The proxy as a program of its own, for tests that do not need the whole command line. */
import { runProxy } from '../../../src/proxy/main.ts';

const words = process.argv.slice(2);
process.exitCode = await runProxy(words[0] === 'proxy' ? words.slice(1) : words);
