import type { z } from 'zod';
import type { DataType } from '../presets/data-types.ts';
import { canonicalActivitySchema } from './activity.ts';
import { canonicalCheckoutSchema } from './checkout.ts';
import { canonicalContactSchema } from './contact.ts';
import { canonicalOrderSchema } from './order.ts';
import { canonicalOrganisationSchema } from './organisation.ts';
import { canonicalProductSchema } from './product.ts';
import { canonicalShipmentSchema } from './shipment.ts';
import { canonicalStockSchema } from './stock.ts';

/** The canonical shape of each data type. */
export const canonicalSchemas = {
  orders: canonicalOrderSchema,
  products: canonicalProductSchema,
  stock: canonicalStockSchema,
  shipments: canonicalShipmentSchema,
  organisations: canonicalOrganisationSchema,
  contacts: canonicalContactSchema,
  checkouts: canonicalCheckoutSchema,
  activities: canonicalActivitySchema,
} as const satisfies Record<DataType, z.ZodType>;
