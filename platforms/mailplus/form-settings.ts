import { z } from 'zod';

const isOrigin = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;

const properties = z.array(z.string().min(1)).max(20).default([]);
const bits = z.array(z.string().regex(/^permissions:\d+$/, 'must be a permission of Mail+, as permissions:1')).max(20).default([]);

/** One form of a web page (`WebForm`), as it is set: `{"origins":["https://www.shop.example"],"permissions":["permissions:1"]}`. */
const formSchema = z.strictObject({
  origins: z.array(z.string().refine(isOrigin, 'must be the origin of a web page without anything behind it, as https://www.shop.example')).min(1, 'has to name the web pages that may use the form, as ["https://www.shop.example"]').max(50),
  search: properties,
  answer: properties,
  permissions: bits,
  wording: z.string().regex(/^[\w.-]{1,60}$/, 'must be a short name of letters, digits, «.», «_» and «-», as newsletter-2026-05').nullable().default(null),
}).refine(({ search, permissions }) => search.length + permissions.length > 0, 'does nothing: name properties in search, or permissions')
  .refine(({ search, answer }) => search.length > 0 || answer.length === 0, { path: ['answer'], message: 'is for forms that search: name properties in search as well' });

/** The forms of a connector, by their name. */
export const formsSchema = z.record(z.string(), formSchema).superRefine((forms, context) => {
  const wrong = Object.keys(forms).find((name) => !/^[a-z0-9][a-z0-9-]{0,39}$/.test(name));
  if (wrong !== undefined) context.addIssue({ code: 'custom', path: [wrong], message: 'the name of a form has small letters, digits and «-», at most 40' });
});
