/** Asks the schema that the daemon checks with which keys it has, so that a keyword is carried as soon as it does. */
import { configJsonSchema } from '../config/json-schema.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
}

/** A key for each level; `*` is any name that the operator chooses. Items of a list do not count as a level. */
export type KeyPath = readonly string[];

let root: Schema | undefined;

/** True when a config may have this key. */
export function isKnown(path: KeyPath): boolean {
  root ??= configJsonSchema() as Schema;
  return (
    path.reduce<readonly Schema[]>((schemas, part) => schemas.flatMap((one) => step(one, part)), [root])
      .length > 0
  );
}

function step(schema: Schema, part: string): readonly Schema[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((one) => step(one, part));
  if (schema.items !== undefined) return step(schema.items, part);
  if (part === '*') {
    return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
  }
  return schema.properties !== undefined && Object.hasOwn(schema.properties, part)
    ? [schema.properties[part]!]
    : [];
}
