/** `{listen}`, `{host}` and `{port}` in a proxy's command. */
import type { Command, Endpoint } from './config.ts';
import { quote } from './describe.ts';
import { formatEndpoint } from './endpoint.ts';
import { didYouMean } from './suggest.ts';

const PLACEHOLDER = /\{([A-Za-z_]+)\}/g;
const KNOWN = ['listen', 'host', 'port'];

/** A message about the first `{word}` that is none of ours, or null. Other braces stay as they are. */
export function unknownPlaceholder(text: string): string | null {
  for (const [placeholder, name = ''] of text.matchAll(PLACEHOLDER)) {
    if (KNOWN.includes(name)) continue;
    const hint = didYouMean(name, KNOWN) || ', only {listen}, {host} and {port} are filled in';
    return `is ${quote(text)}: ${placeholder} is no placeholder${hint}`;
  }
  return null;
}

/** The command with the endpoint filled in. */
export function fillPlaceholders(command: Command, listen: Endpoint): Command {
  const values: Readonly<Record<string, string>> = {
    listen: formatEndpoint(listen),
    host: listen.host,
    port: String(listen.port),
  };
  return command.map((word) => word.replaceAll(PLACEHOLDER, (whole, name: string) => values[name] ?? whole));
}
