import { z } from 'zod';
import { formStates, formSubTypes } from '../state/forms.ts';
import { instantSchema, selectorSchema } from './schemas.ts';

const fieldSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  type: z.enum(['text', 'email', 'checkbox', 'select']).default('text'),
  required: z.boolean().default(false),
  options: z.array(z.string()).default([]),
  property: z.string().optional(),
  page: z.number().int().min(1).default(1),
});

/** A form with its questions. */
export const formSchema = z.strictObject({
  name: z.string().min(1),
  formSubType: z.enum(formSubTypes).default('normal'),
  formState: z.enum(formStates).default('final'),
  fields: z.array(fieldSchema).default([{ name: 'email', description: 'E-mail', type: 'email', required: true, options: [], property: 'email', page: 1 }]),
  permissionBit: z.number().int().optional(),
  confirmationUrl: z.url().optional(),
});

/** Somebody fills in a form on a page of Mail+. */
export const formSubmitSchema = z.strictObject({
  contact: selectorSchema.optional(),
  answers: z.record(z.string(), z.array(z.string())).default({}),
  /** Whether all pages were filled in; else only the first. */
  completed: z.boolean().default(true),
  at: instantSchema.optional(),
});

/** How far a form is. */
export const formStateSchema = z.strictObject({ formState: z.enum(formStates) });

export type FormSpec = z.input<typeof formSchema>;
export type FormSubmit = z.input<typeof formSubmitSchema>;
