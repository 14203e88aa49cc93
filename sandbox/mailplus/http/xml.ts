import { invalidParams } from './api-error.ts';

/** An element with its own text and its child elements; attributes are left out. */
export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const token = /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(\/?)([A-Za-z_][\w.:-]*)(?:\s[^<>]*?)?(\/?)>|([^<]+)/y;
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Reads a document without a DOCTYPE; 400 when it is not well formed. */
export function parseXml(text: string): XmlElement {
  const root: XmlElement = { name: '', children: [], text: '' };
  const open = [root];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (match === null) throw notWellFormed();
    step(open, match);
  }
  const [document] = root.children;
  if (open.length !== 1 || root.children.length !== 1 || document === undefined || root.text.trim() !== '') throw notWellFormed();
  return document;
}

function step(open: XmlElement[], [, data, slash, name, selfClosing, plain]: RegExpExecArray): void {
  const current = open.at(-1);
  if (current === undefined) throw notWellFormed();
  if (data !== undefined || plain !== undefined) {
    current.text += data ?? decodeEntities(plain ?? '');
  } else if (slash === '/') {
    if (open.length === 1 || current.name !== name) throw notWellFormed();
    open.pop();
  } else if (name !== undefined) {
    const element: XmlElement = { name, children: [], text: '' };
    current.children.push(element);
    if (selfClosing !== '/') open.push(element);
  }
}

function decodeEntities(text: string): string {
  return text.replace(/&([^;\s]*);?/g, (_all, entity: string) => {
    const code = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(entity);
    const decoded = code === null ? entities[entity] : fromCode(parseInt(code[1] ?? code[2] ?? '', code[1] === undefined ? 10 : 16));
    if (decoded === undefined) throw notWellFormed();
    return decoded;
  });
}

function fromCode(codePoint: number): string | undefined {
  return codePoint > 0 && codePoint <= 0x10_ffff ? String.fromCodePoint(codePoint) : undefined;
}

function notWellFormed(): Error {
  return invalidParams('The body is not well-formed XML');
}
