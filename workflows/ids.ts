/** The task queue of all workflows (design §6). */
export const taskQueue = 'hub';

/**
 * How every workflow of the hub is started: on its task queue, and so that a step of a workflow whose worker was killed in the middle of it
 * is given to another after five seconds; the default of ten would be the longest wait of a recovery.
 */
export const startOptions = { taskQueue, workflowTaskTimeout: '5s' } as const;

/** Workflow ids are public: operators type them. They hold ids only, never personal data, and stay below 255 characters. */
export const workflowIds = {
  connector: (connectorId: string) => `connector/${connectorId}`,
  backfill: (connectorId: string, dataType: string) => `backfill/${connectorId}/${dataType}`,
  backfillSlice: (connectorId: string, dataType: string, from: string) => `backfill/${connectorId}/${dataType}/${from}`,
  sync: (connectorId: string) => `sync/${connectorId}`,
  pullSchedule: (connectorId: string, dataType: string) => `pull/${connectorId}/${dataType}`,
  /** A look at a source that says that something changed there. */
  pullNow: (connectorId: string, dataType: string) => `pull/${connectorId}/${dataType}/now`,
  /** Reports of mailings. */
  reportsSchedule: (connectorId: string) => `reports/${connectorId}`,
  deliver: (connectorId: string) => `deliver/${connectorId}`,
  /** Matching all contacts of an account anew. */
  rematch: (accountId: string) => `rematch/${accountId}`,
  /** Bringing stored records in line with a changed mapping. */
  remap: (connectorId: string) => `remap/${connectorId}`,
  sweepSchedule: 'sweep',
  /** The sweep that each worker starts when it comes up. */
  sweepNow: 'sweep/now',
} as const;

/** Workflow types, as operators type them. Never renamed: histories keep them. */
export const workflowTypes = {
  connectorLifecycle: 'connectorLifecycle',
  backfill: 'backfill',
  backfillSlice: 'backfillSlice',
  continuousSync: 'continuousSync',
  pull: 'pull',
  pullReports: 'pullReports',
  deliver: 'deliver',
  sweep: 'sweep',
  rematch: 'rematch',
  remap: 'remap',
} as const;
