import type { FieldKind, MappingRules } from '../../domain/mapping/check-mapping.ts';
import type { MapsFields } from '../maps-fields.ts';
import { permissionsProperty, splitBitKey } from './fields.ts';
import { defaultMapping, planOf } from './mapping.ts';
import { readProperties } from './properties.ts';
import { wireContactSchema } from './schema.ts';
import { mailplusSettings } from './settings.ts';

/** Kinds of values that a type of Mail+ takes (contract §3.2); a type that is not named takes every kind. */
const takes: Readonly<Record<string, readonly FieldKind[]>> = {
  email: ['email'], mobNr: ['phone'], gender: ['gender'], postcode: ['postcode'], birthdate: ['date'], date: ['date', 'instant'], dateTime: ['instant'], int: ['number'], money: [], switch: [],
};

const needs: Readonly<Record<string, string>> = {
  email: 'it takes an e-mail address.', mobNr: 'it takes a phone number.', gender: 'it takes M and F.', postcode: 'it takes a postcode.', birthdate: 'it takes a date.', date: 'it takes a date.',
  dateTime: 'it takes a date with its time.', int: 'it takes a whole number.', money: 'it takes an amount.', switch: 'a switch of a set takes yes or no; only an extra field can be that.',
};

const byMailplus = 'read-only; it is part of the contact in Mail+ and no property.';

const attributes: Readonly<Record<string, string>> = {
  externalId: 'read-only; the hub keeps its own ids there.', encryptedId: byMailplus, created: byMailplus, lastChanged: byMailplus, temporary: byMailplus, testGroup: byMailplus,
};

const permissionsAreLinked = 'permissions are linked by their names, so that a withdrawal is never lost; `hub connector show` tells how.';

const rules: MappingRules = {
  whyNot: (type, kind) => {
    if (type === 'set') return 'a set has switches; map to one of them, as «list1:2».';
    const kinds = Object.hasOwn(takes, type) ? takes[type] : undefined;
    return kind === undefined || kinds === undefined || kinds.includes(kind) ? undefined : (needs[type] ?? 'it takes something else.');
  },
  whyReserved: (property) => {
    if (property === permissionsProperty || splitBitKey(property)?.property === permissionsProperty) return permissionsAreLinked;
    return Object.hasOwn(attributes, property) ? attributes[property] : undefined;
  },
};

/** How fields are mapped to properties of Mail+: what fits what, the usual names, and reading a stored contact again. */
export const mapping: MapsFields['mapping'] = {
  rules,
  defaults: defaultMapping,
  derive: (context, payload) => {
    const parsed = wireContactSchema.safeParse(payload);
    if (!parsed.success) return undefined;
    const { canonical, heldKeyOf } = readProperties(planOf(context.fields, context), mailplusSettings(context.settings), parsed.data.properties ?? {});
    return { canonical, heldKeyOf };
  },
};
