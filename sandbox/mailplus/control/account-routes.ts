import { z } from 'zod';
import { after, bare, route } from './route.ts';
import type { ControlRoute } from './route.ts';
import { accountListSchema, credentialSchema } from './schemas.ts';

const inUseSchema = z.strictObject({ inUse: z.boolean() });

/** Lists, audiences, products and logins of the account. */
export const accountRoutes: readonly ControlRoute[] = [
  route('POST', 'lists', accountListSchema, (body, { control }) => after(control.groups.addList(body))),
  route('PUT', 'lists/in-use', z.strictObject({ name: z.string(), inUse: z.boolean() }), (body, { control }) =>
    after(control.groups.setListInUse(body.name, body.inUse))),
  route('PUT', 'audiences/{externalId}/in-use', inUseSchema, (body, { control, path }) =>
    after(control.groups.setAudienceInUse(path['externalId'] ?? '', body.inUse))),
  route('PUT', 'licence', z.strictObject({ audiences: z.boolean().optional(), shop: z.boolean().optional() }), (body, { control }) => {
    if (body.audiences !== undefined) control.groups.setAudiencesLicensed(body.audiences);
    if (body.shop !== undefined) control.shop.setLicensed(body.shop);
    return after(undefined);
  }),
  route('POST', 'products', z.record(z.string(), z.unknown()), (body, { control }) => after(control.shop.addProduct(body))),
  route('POST', 'product-properties', z.strictObject({ name: z.string().min(1) }), (body, { control }) =>
    after(control.shop.addProductProperty(body.name))),
  route('PUT', 'contact-properties/{name}/visible', z.strictObject({ visible: z.boolean() }), (body, { control, path }) =>
    after(control.setPropertyVisible(path['name'] ?? '', body.visible))),
  route('POST', 'credentials', credentialSchema, (body, { control }) => after(control.addCredential(body))),
  bare('DELETE', 'credentials/{key}', ({ control, path }) => ({ removed: control.removeCredential(path['key'] ?? '') })),
  bare('GET', 'state/lists', ({ control }) => control.groups.lists()),
  bare('GET', 'state/audiences', ({ control }) => control.groups.audiences()),
  bare('GET', 'state/products', ({ control }) => control.shop.products()),
  bare('GET', 'state/orders', ({ control }) => control.shop.orders()),
];
