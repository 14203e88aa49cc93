import type { FollowsCarts } from '../follows-carts.ts';
import { mailplusSettings } from './settings.ts';

/**
 * Carts in Mail+'s terms (contract §3.12, §3.16): the mailing that led to the shop is told by a conversion, which needs no contact; for
 * every other cart the automation of the setting `cartAutomation` is started, with the products in it and the link to it.
 */
export const carts: FollowsCarts['carts'] = {
  kinds: { conversion: 'conversion.post', automation: 'automation.start' },
  hasAutomation: (settings) => mailplusSettings(settings).cartAutomation !== null,
  actionFor: (settings, cart) => {
    if (cart.mpid !== undefined) {
      const created = { mailplusId: cart.mpid, interactionDate: cart.at };
      const payload = cart.step === 'started' ? { ...created, type: 'CREATE_SHOPPINGCART' } : { ...created, type: 'CONVERT_SHOPPINGCART', value: cart.valueCents, products: cart.productIds };
      return { kind: 'conversion.post', payload };
    }
    const { cartAutomation: automation } = mailplusSettings(settings);
    if (automation === null) return { nothing: 'no automation is set for carts any more (setting cartAutomation)' };
    const link = cart.url === null ? [] : [{ name: automation.link, type: 'URL', value: cart.url }];
    return { kind: 'automation.start', payload: { trigger: automation.trigger, fields: [{ name: automation.products, type: 'PRODUCTLIST', values: cart.productIds }, ...link] } };
  },
};
