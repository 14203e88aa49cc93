import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { prepareLocalAccess } from '../../gateway/local-access.ts';
import type { GatewayDependencies } from '../../gateway/dependencies.ts';
import { startGateway, type GatewayFixture } from './gateway-fixture.ts';
import { runCli } from '../../cli/run-cli.ts';
import type { CliIo } from '../../cli/io.ts';
import { credentialVariable } from '../../config/client-environment.ts';

/** What a command printed and how it ended. */
export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The questions that were asked. */
  readonly asked: readonly string[];
}

/** How a command is run. */
export interface CliSetting {
  readonly url?: string;
  readonly token?: string;
  readonly homeDirectory?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Answers prompts; without it nobody can be asked. */
  readonly answer?: (question: string) => string;
  readonly terminal?: boolean;
  /** What stands on standard input. */
  readonly input?: string;
  readonly size?: { readonly rows: number; readonly columns: number };
  readonly stop?: AbortSignal;
}

/** A gateway that listens, and a home folder in which the command line finds it. */
export interface CliHome {
  readonly gateway: GatewayFixture;
  readonly home: string;
  close(): Promise<void>;
}

/** Opens one; `close` it in `afterAll`. `deps` replaces what its gateway works with. */
export async function openCliHome(deps: Partial<GatewayDependencies> = {}): Promise<CliHome> {
  const gateway = await startGateway({ deps });
  const home = await mkdtemp(path.join(tmpdir(), 'hub-cli-'));
  await prepareLocalAccess(gateway.db, home, await gateway.app.listen({ port: 0, host: '127.0.0.1' }));
  return {
    gateway, home,
    close: async () => {
      await gateway.stop();
      await rm(home, { recursive: true });
    },
  };
}

/** Runs one command line in this process, as its program does. */
export async function hub(setting: CliSetting, ...args: readonly string[]): Promise<CliResult> {
  const [out, err, asked]: [string[], string[], string[]] = [[], [], []];
  const io: CliIo = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    terminal: setting.terminal ?? false,
    interactive: setting.answer !== undefined,
    askSecret: async (question) => {
      asked.push(question);
      return setting.answer?.(question) ?? '';
    },
    ask: async (question) => {
      asked.push(question);
      return setting.answer?.(question) ?? '';
    },
    confirm: async (question) => {
      asked.push(question);
      return setting.answer?.(question) === 'yes';
    },
    readInput: async () => setting.input ?? '',
    size: () => setting.size,
    stopOnInterrupt: () => setting.stop ?? new AbortController().signal,
    environment: {
      url: setting.url, token: setting.token, homeDirectory: setting.homeDirectory ?? '/nonexistent', colourWanted: true,
      credential: (name) => setting.variables?.[credentialVariable(name)],
    },
  };
  const code = await runCli(args, io);
  return { code, out: out.join('\n'), err: err.join('\n'), asked };
}
