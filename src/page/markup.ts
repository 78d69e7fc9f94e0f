/** Markup out of text: whatever is filled into `html` is escaped, unless it was made by `html` itself. */

/** Finished markup. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What may be filled in; null and false are nothing. Attributes stand in double quotes. */
export type Filling = Markup | string | number | null | false | readonly Filling[];

export function html(parts: TemplateStringsArray, ...fillings: readonly Filling[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + fill(fillings[index - 1]!) + part));
}

function fill(filling: Filling): string {
  if (filling === null || filling === false) return '';
  if (filling instanceof Markup) return filling.text;
  if (typeof filling === 'object') return filling.map(fill).join('');
  return String(filling).replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign]!);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
