import pino from 'pino';
import { makeTelemetryFilterString, Runtime, type Logger, type LogLevel } from '@temporalio/worker';
import { TemporalFailure } from '@temporalio/common';
import type { Log } from '../activities/dependencies.ts';
import { loggable } from '../activities/failure.ts';

/** The log of a process: JSON lines on standard error. Facts are ids, states and counts; personal data and secrets are never given to it. */
export function createLog(level: string): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } }, pino.destination({ dest: 2, sync: true }));
}

/** What Temporal's log lines may say about a workflow or an activity. */
const passedOn = ['workflowId', 'workflowType', 'runId', 'activityId', 'activityType', 'attempt', 'taskQueue', 'durationMs', 'namespace'] as const;

/** Makes Temporal's own log part of ours, with ids only. Once a process, before any worker. */
export function installRuntime(log: Log): void {
  const write = (level: LogLevel, message: string, meta: Readonly<Record<string, unknown>> = {}): void => {
    const facts = Object.fromEntries(passedOn.flatMap((name) => (meta[name] === undefined ? [] : [[name, meta[name]]])));
    const { error } = meta;
    const said = error instanceof TemporalFailure || (error instanceof Error && error.name === 'DeterminismViolationError') ? { message: error.message } : {};
    log[methods[level]]({ ...facts, ...(error === undefined ? {} : { error: { ...loggable(error), ...said } }) }, message);
  };
  const at = (level: LogLevel) => (message: string, meta?: Record<string, unknown>) => write(level, message, meta);
  const logger: Logger = { log: write, trace: at('TRACE'), debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
  Runtime.install({ logger, shutdownSignals: [], telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } } });
}

/** Temporal tells each start of an activity at a level of its own; here that is detail. */
const methods: Readonly<Record<LogLevel, keyof Log>> = { TRACE: 'debug', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' };
