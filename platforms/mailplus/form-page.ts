/** A page of a form as a browser would send it. */
export interface FormPage {
  /** Value of the hidden field by which a submit is recognised (contract §3.13). */
  readonly reference: string;
  /** Names of all inputs. */
  readonly names: ReadonlySet<string>;
  /** What stands in the inputs already, by name: hidden fields, and what Mail+ filled in. */
  readonly filledIn: Readonly<Record<string, readonly string[]>>;
}

const referenceField = 'formEncId';

/** The form of a page of Mail+, out of its HTML; `undefined` when there is none that could be submitted. Pure. */
export function readFormPage(html: string): FormPage | undefined {
  const inputs = [...inputsOf(html), ...selectsOf(html), ...textAreasOf(html)].filter(({ name }) => name !== '');
  const reference = inputs.find(({ name }) => name === referenceField)?.values[0] ?? '';
  if (reference === '') return undefined;
  const filledIn: Record<string, string[]> = {};
  for (const { name, values } of inputs) if (values.length > 0) filledIn[name] = [...(filledIn[name] ?? []), ...values];
  return { reference, names: new Set(inputs.map(({ name }) => name).filter((name) => name !== referenceField)), filledIn };
}

interface Input {
  readonly name: string;
  readonly values: readonly string[];
}

const buttons: ReadonlySet<string> = new Set(['submit', 'button', 'image', 'reset', 'file']);

function inputsOf(html: string): Input[] {
  return [...html.matchAll(/<input\b[^>]*>/gi)].flatMap(([tag]) => {
    const type = (attribute(tag, 'type') ?? 'text').toLowerCase();
    if (buttons.has(type)) return [];
    const value = attribute(tag, 'value') ?? (isChoice(type) ? 'on' : '');
    const isSent = isChoice(type) ? /\schecked\b/i.test(withoutValues(tag)) : value !== '';
    return [{ name: attribute(tag, 'name') ?? '', values: isSent ? [value] : [] }];
  });
}

function selectsOf(html: string): Input[] {
  return [...html.matchAll(/<select\b[^>]*>([\s\S]*?)<\/select>/gi)].map(([tag, options = '']) => ({
    name: attribute(firstTag(tag), 'name') ?? '',
    values: [...options.matchAll(/<option\b[^>]*>([^<]*)/gi)].flatMap(([option, text = '']) => (/\sselected\b/i.test(withoutValues(firstTag(option))) ? [attribute(firstTag(option), 'value') ?? decode(text.trim())] : [])),
  }));
}

function textAreasOf(html: string): Input[] {
  return [...html.matchAll(/<textarea\b[^>]*>([\s\S]*?)<\/textarea>/gi)].map(([tag, text = '']) => ({ name: attribute(firstTag(tag), 'name') ?? '', values: text === '' ? [] : [decode(text)] }));
}

const isChoice = (type: string): boolean => type === 'checkbox' || type === 'radio';
const firstTag = (html: string): string => html.slice(0, html.indexOf('>') + 1);
/** The tag with its values emptied, so that a word in one is no attribute. */
const withoutValues = (tag: string): string => tag.replace(/"[^"]*"|'[^']*'/g, '""');

function attribute(tag: string, name: string): string | undefined {
  const [, double, single] = new RegExp(String.raw`\s${name}\s*=\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(tag) ?? [];
  const value = double ?? single;
  return value === undefined ? undefined : decode(value);
}

const named: Readonly<Record<string, string>> = { quot: '"', apos: '\'', lt: '<', gt: '>', amp: '&', nbsp: ' ' };

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,6}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return named[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
