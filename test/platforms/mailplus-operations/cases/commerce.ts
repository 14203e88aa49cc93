import { at, bare, encodedId, oddId, type WireCase } from '../wire-case.ts';

const sentProduct = {
  externalId: '1-42', name: 'Mug', link: 'https://shop.example/mug', price: '1295', oldPrice: 1495, imageUrl: 'https://shop.example/n', imageLargeUrl: 'https://shop.example/l', visible: true,
  customProperties: { colour: 'red' }, specifications: [{ description: 'Colour', value: 'Red', rank: 1 }], notYetKnown: 'kept',
};
const arrives = { ...sentProduct, price: 1295 };
const product = { externalId: '1-42', name: 'Mug', price: '1295', oldPrice: 1495, visible: 'true', deleted: false, creationDate: at.ms, changeDate: at.iso, specifications: [{ description: 'Colour', value: 'Red', rank: 1 }] };
const readProduct = { ...product, price: 1295, visible: true, creationDate: at.instant, changeDate: at.instant, specifications: [{ description: 'Colour', value: 'Red', rank: '1' }] };
const order = { externalId: '1001', externalContactId: 1, date: at.given, value: '4590', externalProductIds: ['1-42', 43] };
const sentOrder = { externalId: '1001', externalContactId: '1', date: at.sent, value: 4590, externalProductIds: ['1-42', '43'] };

/** Products, orders and conversions. */
export const commerceCases: Readonly<Record<string, WireCase>> = {
  'product.custom-properties': { input: {}, method: 'GET', url: '/product/custom-properties/list', answers: [{ base: 'both', body: [{ name: 'colour', type: 'text' }], gives: [{ name: 'colour' }] }] },
  'product.insert': { input: { body: { update: true, product: sentProduct } }, method: 'POST', url: '/product', body: { update: true, product: arrives } },
  'product.update': { input: { externalProductId: oddId, body: { product: sentProduct } }, method: 'PUT', url: `/product/${encodedId}`, body: { product: arrives } },
  'product.get': { input: { externalProductId: oddId }, method: 'GET', url: `/product/${encodedId}`, answers: [{ base: 'both', body: product, gives: readProduct }] },
  'product.delete': { input: { externalProductId: oddId }, method: 'DELETE', url: `/product/${encodedId}` },
  'product.search': {
    input: { MPSearchQuery: 'sku=A B', after: 10, pageSize: 5 }, method: 'GET', url: '/product/search?MPSearchQuery=sku%3DA%20B&after=10&pageSize=5',
    answers: [{ ...bare([product], [readProduct]), base: 'both' }, { base: 'both', body: [1, 2, 3, 4, 5].map((id) => ({ externalId: id })), gives: { rows: [1, 2, 3, 4, 5].map((id) => ({ externalId: String(id), specifications: [] })), more: true } }],
  },
  'order.insert': { input: { body: { update: true, order } }, method: 'POST', url: '/order', body: { update: true, order: sentOrder } },
  'order.update': { input: { externalOrderId: oddId, body: { order: { ...order, date: at.local } } }, method: 'PUT', url: `/order/${encodedId}`, body: { order: sentOrder } },
  'order.delete': { input: { externalOrderId: oddId }, method: 'DELETE', url: `/order/${encodedId}` },
  'conversion.insert': {
    input: { body: { mailplusId: 'mpid-1', type: 'CONVERT_SHOPPINGCART', value: 4590, interactionDate: at.ms, products: ['1-42'] } }, method: 'POST', url: '/conversion',
    body: { mailplusId: 'mpid-1', type: 'CONVERT_SHOPPINGCART', value: 4590, interactionDate: at.sent, products: ['1-42'] },
  },
};
