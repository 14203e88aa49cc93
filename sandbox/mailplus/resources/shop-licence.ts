import { ApiError } from '../http/api-error.ts';
import type { Operation } from '../http/call.ts';

/** Lets operations through only where the account has Spotler eCommerce. */
export function withShop(operations: readonly Operation[]): readonly Operation[] {
  return operations.map((operation) => ({
    ...operation,
    handle: (call) => {
      if (!call.account.hasShop) throw new ApiError(403, 'NOT_AUTHORIZED', 'Products, orders and conversions are part of Spotler eCommerce only');
      return operation.handle(call);
    },
  }));
}
