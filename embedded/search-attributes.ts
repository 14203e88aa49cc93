/** The search attributes that the hub sets on its workflows, all of type Keyword. */
export const SEARCH_ATTRIBUTES = ['AccountId', 'ConnectorId', 'Platform', 'DataType', 'SyncState'] as const;

/** `INDEXED_VALUE_TYPE_KEYWORD` of temporal.api.enums.v1.IndexedValueType. */
const KEYWORD = 2;

/** The part of a Temporal connection (client or worker side) that is needed here. */
export interface OperatorConnection {
  readonly operatorService: {
    listSearchAttributes(request: { namespace: string }): Promise<{ customAttributes?: Readonly<Record<string, number>> | null }>;
    addSearchAttributes(request: { namespace: string; searchAttributes: Record<string, number> }): Promise<unknown>;
  };
}

/**
 * Registers those of the hub's search attributes that the namespace lacks, and returns their names. Needs operator rights on the
 * server; where they are missing, `temporal operator search-attribute create` by an administrator does the same.
 * Errors: Error when one is registered with another type, naming it; what the server answers otherwise.
 */
export async function ensureSearchAttributes(connection: OperatorConnection, namespace: string): Promise<readonly string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const present = customAttributes ?? {};
  const wrong = SEARCH_ATTRIBUTES.find((name) => name in present && present[name] !== KEYWORD);
  if (wrong !== undefined) throw new Error(`The search attribute ${wrong} of namespace ${namespace} is not of type Keyword. Use another namespace for the hub.`);
  const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in present));
  if (missing.length > 0) {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])) });
  }
  return missing;
}
