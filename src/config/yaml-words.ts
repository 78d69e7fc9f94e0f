/** What the `yaml` package says about broken text, in words that name the slip instead of YAML's grammar. */
import type { YAMLError } from 'yaml';

/** The message for one error or warning of the parser. */
export function syntaxMessage(error: YAMLError): string {
  return `not valid YAML: ${words(error)}`;
}

function words({ code, message }: YAMLError): string {
  const bracket = /end with a ([\]}])$/.exec(message)?.[1];
  const quote = /closing (["'])quote/.exec(message)?.[1];
  if (bracket !== undefined) return `a ${bracket === ']' ? '[' : '{'} before this is not closed`;
  if (quote !== undefined) return `the quote ${quote} before this is not closed`;
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab indents this line, only spaces may';
    case 'BAD_INDENT':
      return 'this is indented differently from the keys before it';
    case 'BAD_DQ_ESCAPE':
      return `${message.replace('Invalid escape sequence ', '')} means nothing in double quotes (single quotes keep a backslash)`;
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'another "key: value" inside a value (a line is indented too far, or the value needs quotes)';
    case 'MULTILINE_IMPLICIT_KEY':
      return 'this key has no value (a colon and a space are missing)';
    case 'MISSING_CHAR':
      return message.includes('map keys')
        ? 'this key has no value (a colon and a space are missing)'
        : message;
    default:
      return message;
  }
}
