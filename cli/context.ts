import type { Command } from 'commander';
import { findGateway, gatewayClient, type GatewayClient } from './gateway-client.ts';
import type { CliIo } from './io.ts';
import { paintFor, type Paint } from './output/paint.ts';

/** What every command gets. */
export interface CommandContext {
  readonly io: CliIo;
  readonly paint: Paint;
  readonly json: boolean;
  /** Finds the gateway on first use. Throws UsageError when there is none. */
  client(): Promise<GatewayClient>;
  /** Prints the answer as JSON with `--json`, else the text. */
  print(answer: unknown, text: () => string): void;
}

/** Options of every command. */
interface GlobalOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly tokenFile?: string;
}

/** The context of one command from what was given before and after its name. */
export function contextOf(io: CliIo, command: Command): CommandContext {
  const { json = false, url, tokenFile } = command.optsWithGlobals<GlobalOptions>();
  return {
    io,
    json,
    paint: paintFor(io.terminal && io.environment.colourWanted),
    client: async () => gatewayClient(await findGateway(io, { url, tokenFile })),
    print: (answer, text) => io.out(json ? JSON.stringify(answer, null, 2) : text()),
  };
}

/** Runs a command's work with its context. commander gives arguments, options and the command itself, in this order. */
export function run<Args extends readonly unknown[]>(io: CliIo, work: (context: CommandContext, ...args: Args) => Promise<void>): (...given: readonly unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    await work(contextOf(io, command), ...(given.slice(0, -1) as unknown as Args));
  };
}
