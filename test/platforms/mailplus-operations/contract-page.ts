const method = '(GET|POST|PUT|DELETE)';
/** Said of a call that the page itself says does not exist. */
const denied = /a client bug/;

/**
 * The operations that the chapter «Methods» of the contract names, as `GET /contact/{}`, sorted. A call stands in backquotes; further
 * last parts may follow it in backquotes of their own, or a whole set «under» a path in brackets.
 */
export function operationsOfContract(page: string): readonly string[] {
  const chapter = page.slice(page.indexOf('\n## 3. '), page.indexOf('\n## 4. '));
  const found = chapter.split('\n').filter((line) => !denied.test(line)).flatMap((line) => [...callsOf(line), ...setOf(line)]);
  return [...new Set(found)].sort();
}

/** An operation in the form of this list. */
export function asListed(verb: string, path: string): string {
  return `${verb} ${path.replaceAll(/\{[^}]*\}/g, '{}')}`;
}

function callsOf(line: string): string[] {
  const separator = line.startsWith('|') ? String.raw`(?:\\\||,)` : String.raw`(?:\\?\||,)`;
  const call = new RegExp(`\`${method} (/[^\`?\\s]*(?:\\{[^}]*\\}[^\`?\\s]*)*)\`((?:\\s*${separator}\\s*\`(?:[a-z]+|/[^\`]+)\`)*)`, 'g');
  return [...line.matchAll(call)].flatMap(([, verb = '', path = '', more = '']) => [
    asListed(verb, path), ...[...more.matchAll(/`([^`]+)`/g)].map(([, part = '']) => asListed(verb, beside(path, part))),
  ]);
}

/** `opens` beside `/mailing/{id}/recipients` is `/mailing/{id}/opens`; a part with slashes replaces as many parts as it has. */
function beside(path: string, part: string): string {
  const parts = part.split('/').filter((one) => one !== '');
  return [...path.split('/').slice(0, -parts.length), ...parts].join('/');
}

function setOf(line: string): string[] {
  const [, path, rest = ''] = /^Same set under `([^`]+)` \((.*)/.exec(line) ?? [];
  if (path === undefined) return [];
  const members = rest.slice(0, rest.indexOf(') with'));
  const parts = [...members.matchAll(/`([^`]+)`/g)].map(([, part = '']) => `${path}/${part}`);
  return [...(members.includes('details') ? [path] : []), ...parts].map((one) => asListed('GET', one));
}
