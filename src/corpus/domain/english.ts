/** Prose of documentation: markdown without code, tables and links' targets, and the text of doc comments. */

const withoutFences = (text: string): string =>
  text.replace(/^[ \t]*(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^[ \t]*\1[^\n]*(?:\n|$)|$(?![\s\S]))/gm, '');

/** `[words](target)` and `![words](target)` become their words, `{@link target words}` too. */
const withoutTargets = (text: string): string =>
  text
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\[([^\]]*)\]\[[^\]]*\]/g, '$1')
    .replace(
      /\{@link(?:code|plain)?\s+([^\s}|]+)[\s|]*([^}]*)\}/g,
      (_, target: string, words: string) => words || target,
    );

const COMMENTED = /<!--[\s\S]*?-->/g;

const withoutMarkup = (text: string): string => text.replace(/<\/?[a-zA-Z][^>\n]*>/g, '');

const tidy = (text: string): string => {
  const trimmed = text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return trimmed === '' ? '' : `${trimmed}\n`;
};

/** Lines of markdown that are no prose: tables, HTML, link definitions, indented code, rules. */
const NO_PROSE = /^(?:\s*\||\s*<|\s*\[[^\]]*\]:\s|\t| {4,}(?![-*\d])|\s*[-=*_]{3,}\s*$)/;

export const proseOfMarkdown = (text: string): string => {
  const lines = withoutFences(text.replace(COMMENTED, '')).split('\n');
  const prose = lines.filter((line) => !NO_PROSE.test(line)).join('\n');
  return tidy(withoutTargets(withoutMarkup(prose)));
};

/** Tags that carry a name or a version and no sentence. */
const BARE_TAG =
  /^@(?:remarks Since|since|experimental|internal|public|override|readonly|hidden|ignore|alpha|beta|see\s+https?:|deprecated\s*$)/;

/** The doc comments of a declaration file, in order, a blank line between two; very short ones are left out. */
export const proseOfDeclarations = (text: string): string => {
  const comments = [...text.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, body]) => {
    const plain = (body as string).replace(/^[ \t]*\*[ \t]?/gm, '');
    const lines = withoutTargets(withoutMarkup(withoutFences(plain))).split('\n');
    return tidy(lines.filter((line) => !BARE_TAG.test(line.trim())).join('\n'));
  });
  return comments.filter((comment) => comment.length >= 40).join('\n');
};
