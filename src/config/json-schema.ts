/**
 * The JSON Schema of a config file, for editors. Made from the schema that the daemon checks with; the daemon itself
 * does not need it. It cannot say all that `check` says: what only a parser knows, or only two values together.
 */
import { toJSONSchema } from 'zod/mini';
import { configSchema } from './schema.ts';

/** The schema as a plain object in JSON Schema draft 7, the one that yaml-language-server reads best. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = toJSONSchema(configSchema, { target: 'draft-7', io: 'input' });
  return {
    $schema,
    title: 'memcache-ha',
    description: 'Config of memcache-ha: keepalived.conf in YAML.',
    ...schema,
  };
}
