/** Whether a program is installed on this host. */
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where services look (systemd.exec(5), "PATH"); an ordinary user's PATH lacks some of it. */
const SERVICE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** True for a file that we may execute: at this path, or of this name in PATH and where services look. */
export function isInstalled(program: string): boolean {
  if (program.includes('/')) return isExecutable(program);
  const folders = `${process.env.PATH ?? ''}:${SERVICE_PATH}`.split(':').filter((folder) => folder !== '');
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
