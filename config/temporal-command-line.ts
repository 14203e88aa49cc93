type Environment = Readonly<Record<string, string | undefined>>;

/** What `temporal` and `tctl` need besides address and namespace to reach the server as the hub does. No secret is in it. */
export interface TemporalCommandLine {
  /** Options of the `temporal` CLI, and of tctl; empty for a server without TLS. */
  readonly temporal: readonly string[];
  readonly tctl: readonly string[];
  /** Variables that hold a secret: to be set in the environment, where `temporal` finds them by itself. */
  readonly secrets: readonly string[];
}

/** A variable of the hub's environment and the options that carry its value; tctl reads no configuration file. */
const options = [
  ['TEMPORAL_CONFIG_FILE', '--config-file', undefined],
  ['TEMPORAL_PROFILE', '--profile', undefined],
  ['TEMPORAL_TLS_CLIENT_CERT_PATH', '--tls-cert-path', '--tls_cert_path'],
  ['TEMPORAL_TLS_CLIENT_KEY_PATH', '--tls-key-path', '--tls_key_path'],
  ['TEMPORAL_TLS_SERVER_CA_CERT_PATH', '--tls-ca-path', '--tls_ca_path'],
  ['TEMPORAL_TLS_SERVER_NAME', '--tls-server-name', '--tls_server_name'],
] as const;

/** Certificates and keys can be given as text too: a secret, or too long for a line. */
const secretVariables = ['TEMPORAL_API_KEY', 'TEMPORAL_TLS_CLIENT_CERT_DATA', 'TEMPORAL_TLS_CLIENT_KEY_DATA', 'TEMPORAL_TLS_SERVER_CA_CERT_DATA'] as const;

/** What an operator has to add to a line of `temporal` or `tctl`, from the environment that the hub's own connection is made from. */
export function temporalCommandLine(environment: Environment): TemporalCommandLine {
  const given = options.flatMap(([name, temporal, tctl]) => {
    const value = environment[name];
    return value === undefined || value === '' ? [] : [{ temporal: [temporal, quoted(value)], tctl: tctl === undefined ? [] : [tctl, quoted(value)] }];
  });
  const tls = isOn(environment['TEMPORAL_TLS']) ? ['--tls'] : [];
  const unchecked = isOn(environment['TEMPORAL_TLS_DISABLE_HOST_VERIFICATION']);
  const secrets = secretVariables.filter((name) => (environment[name] ?? '') !== '');
  const tctl = [...given.flatMap((one) => one.tctl), ...(unchecked ? ['--tls_disable_host_verification'] : [])];
  return {
    temporal: [...tls, ...given.flatMap(({ temporal }) => temporal), ...(unchecked ? ['--tls-disable-host-verification'] : [])],
    tctl: tctl.length === 0 && (tls.length > 0 || secrets.length > 0) ? ['--tls_server_name', quoted(hostOf(environment['TEMPORAL_ADDRESS']))] : tctl,
    secrets,
  };
}

/** tctl has no switch for TLS: it uses it as soon as one of its TLS options is there. */
function hostOf(address = ''): string {
  return address.replace(/:\d+$/, '');
}

function isOn(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}

/** One argument for a POSIX shell; what needs no quotes has none. */
function quoted(value: string): string {
  return /^[\w./:@%+=,-]+$/.test(value) ? value : `'${value.replaceAll('\'', String.raw`'\''`)}'`;
}
