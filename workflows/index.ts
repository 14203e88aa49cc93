export { backfill } from './backfill.ts';
export { backfillSlice } from './backfill-slice.ts';
export { connectorLifecycle } from './connector-lifecycle.ts';
export { continuousSync } from './continuous-sync.ts';
export { deliver } from './deliver.ts';
export { pull } from './pull.ts';
export { rematch } from './rematch.ts';
export { sweep } from './sweep.ts';
