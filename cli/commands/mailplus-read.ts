import type { OperationRunView } from '../../gateway/routes/operations.ts';
import { RefusedError } from '../errors.ts';
import { at, type GatewayClient } from '../gateway-client.ts';

/** The answer of a reading operation of Mail+, as it came. Throws RefusedError with the meaning and advice of the catalogue. */
export async function readOperation<Answer>(client: GatewayClient, connectorId: string, operation: string, input: object = {}): Promise<Answer> {
  const { answer, problem } = await client.send<OperationRunView>('POST', at`/connectors/${connectorId}/operations/${operation}`, { input });
  if (problem === null) return answer as Answer;
  const { code, message, cause, fix } = problem;
  throw new RefusedError({ code, message, cause, fix });
}
