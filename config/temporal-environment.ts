import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { temporalCommandLine, type TemporalCommandLine } from './temporal-command-line.ts';

/** How to reach a Temporal server that somebody else runs: options for `Connection` and `NativeConnection` alike. */
export interface TemporalTarget {
  readonly connectionOptions: ClientConnectConfig['connectionOptions'];
  readonly namespace: string;
  /** How operators reach it with `temporal` and `tctl`; absent for the embedded server, which needs nothing but its address. */
  readonly commandLine?: TemporalCommandLine;
}

/**
 * The Temporal server that the environment names (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS…); undefined
 * when it names none. A configuration file counts only when TEMPORAL_CONFIG_FILE or TEMPORAL_PROFILE asks for it, so that a
 * profile that lies about on a machine never sends the hub to another server. Errors: those of @temporalio/envconfig.
 */
export function temporalFromEnvironment(environment: Readonly<Record<string, string | undefined>>): TemporalTarget | undefined {
  const overrideEnvVars = Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''));
  const asked = 'TEMPORAL_CONFIG_FILE' in overrideEnvVars || 'TEMPORAL_PROFILE' in overrideEnvVars;
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars, disableFile: !asked });
  if (connectionOptions.address === undefined) return undefined;
  return { connectionOptions, namespace: namespace ?? 'default', commandLine: temporalCommandLine(environment) };
}
