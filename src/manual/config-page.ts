/** memcache-ha.yaml(5): every key from the schema that the daemon checks with, and the annotated example. Pure. */
import { bold, definition, escapeText, heading, italic, page, paragraph, title, verbatim } from './roff.ts';

/** What of a JSON Schema this page looks at. */
interface Node {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

export interface Key {
  /** From the top: `vrrp_instance.NAME.priority`; `[]` is an entry of a list. */
  readonly path: string;
  readonly depth: number;
  readonly node: Node;
  readonly required: boolean;
}

/** The largest number that JSON Schema gets for "no limit". */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** Every key of the schema, in its order, each path once. */
export function configKeys(schema: Node): readonly Key[] {
  const found = new Map<string, Key>();
  const visit = (node: Node, path: string, depth: number): void => {
    for (const choice of node.anyOf ?? []) visit(choice, path, depth);
    for (const [name, child] of Object.entries(node.properties ?? {})) {
      const at = path === '' ? name : `${path}.${name}`;
      if (!found.has(at)) {
        found.set(at, { path: at, depth, node: child, required: node.required?.includes(name) ?? false });
      }
      visit(child, at, depth + 1);
    }
    if (typeof node.additionalProperties === 'object')
      visit(node.additionalProperties, `${path}.NAME`, depth + 1);
    if (node.items !== undefined) visit(node.items, `${path}[]`, depth);
  };
  visit(schema, '', 0);
  return [...found.values()];
}

/** The page as roff; `example` is config/memcache-ha.yaml. */
export function configPage(schema: object, example: string, version: string): string {
  const keys = configKeys(schema as Node);
  return page([
    title('memcache-ha.yaml', 5, version),
    heading('Name'),
    `${escapeText('memcache-ha.yaml')} \\- configuration of memcache\\-ha\n`,
    heading('Description'),
    paragraph(
      escapeText(
        'keepalived.conf in YAML: a key that keepalived has keeps its name, meaning and default. Durations are seconds and may have fractions. Unknown keys are errors. "memcache-ha check" names every mistake with its line, "memcache-ha reload" applies a changed file. NAME stands for a name that you choose.',
      ),
    ),
    ...keys.flatMap((key) => (key.depth === 0 ? [heading(key.path)] : [describeKey(key)])),
    heading('Example'),
    paragraph('Every key, with its default and unit.'),
    verbatim(example),
    heading('See also'),
    `${bold(escapeText('memcache-ha'))}(8), ${bold('keepalived.conf')}(5)\n`,
  ]);
}

function describeKey({ path, node, required }: Key): string {
  const facts = [
    required ? 'required' : '',
    bounds(node),
    node.default === undefined || typeof node.default === 'object' ? '' : `default ${node.default}`,
  ].filter((fact) => fact !== '');
  const short = path.replace(/^[^.]+\./, '');
  const aside = facts.length === 0 ? '' : ` (${facts.join(', ')})`;
  return definition(
    `${bold(escapeText(short))}${italic(escapeText(aside))}`,
    escapeText(node.description ?? `see ${path.replace(/(\[\])?\.[^.]+$/, '')}`),
  );
}

/** The values that it may have. */
function bounds(node: Node): string {
  if (node.const !== undefined) return `only ${node.const}`;
  if (node.enum !== undefined) return node.enum.join(' or ');
  const { minimum, maximum } = node;
  if (minimum !== undefined && maximum !== undefined) {
    return maximum === NO_LIMIT ? `${minimum} or more` : `${minimum} to ${maximum}`;
  }
  const inside = (node.anyOf ?? [])
    .filter(({ type }) => type !== 'string' || node.anyOf!.some((other) => other.enum !== undefined))
    .map(bounds)
    .filter((text) => text !== '');
  if (inside.length > 0) return inside.join(', or ');
  return node.type === 'boolean' ? 'true or false' : '';
}
