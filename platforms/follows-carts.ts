import type { Instant } from '../domain/model/fields.ts';
import type { PlatformSettings } from './platform.ts';

/** What there is to tell of a cart, with the ids that its products have at the destination. */
export type ToldCart =
  | { readonly step: 'started'; readonly at: Instant; readonly mpid: string }
  | { readonly step: 'started'; readonly at: Instant; readonly mpid?: undefined; readonly productIds: readonly string[]; readonly url: string | null }
  | { readonly step: 'bought'; readonly at: Instant; readonly mpid: string; readonly valueCents: number; readonly productIds: readonly string[] };

/** An action in the platform's own terms, or why nothing is told. */
export type CartAction = { readonly kind: string; readonly payload: unknown } | { readonly nothing: string };

/** Is told of shopping carts by actions. */
export interface FollowsCarts {
  readonly carts: {
    /** Kinds of the actions by which the mailing that a cart came from is told of it, and by which somebody else's cart is followed up. */
    readonly kinds: { readonly conversion: string; readonly automation: string };
    /** Whether something is set for carts that came from no mailing. Pure. */
    hasAutomation(settings: PlatformSettings): boolean;
    /** The action for one step of a cart. Pure. */
    actionFor(settings: PlatformSettings, cart: ToldCart): CartAction;
  };
}
