import { invalidParams } from '../http/api-error.ts';
import { parseXml } from '../http/xml.ts';
import type { XmlElement } from '../http/xml.ts';

/**
 * Reads the XML of a form submit into what its JSON would be (contract 1.3):
 * `<params><postUrl/>…<formParams><entry><key/><value><item/></value></entry></formParams></params>`.
 */
export function paramsFromXml(text: string): unknown {
  const root = parseXml(text);
  if (root.name !== 'params') throw invalidParams('The XML must be <params>');
  return Object.fromEntries(root.children.map((child) => [
    child.name, child.name === 'formParams' ? Object.fromEntries(children(child, 'entry').map(entryOf)) : child.text,
  ]));
}

function entryOf(entry: XmlElement): [key: string, values: string[]] {
  const [key] = children(entry, 'key');
  if (key === undefined) throw invalidParams('An <entry> has no <key>');
  return [key.text, children(entry, 'value').flatMap((value) => children(value, 'item').map(({ text }) => text))];
}

function children(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}
