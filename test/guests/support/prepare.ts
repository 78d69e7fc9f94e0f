/** Before the guests' tests: the packages are built from the sources as they are, and there is a Debian to boot. */
import { run } from '../../../src/lab/run.ts';
import { baseImage } from './image.ts';
import { NEXT_VERSION, packageCommand, VERSION } from './packages.ts';

export async function setup(): Promise<void> {
  for (const version of [VERSION, NEXT_VERSION]) {
    process.stderr.write(`guests: packaging ${version}\n`);
    await run(packageCommand(version), { deadline: 300_000 });
  }
  await baseImage();
}
