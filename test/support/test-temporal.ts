import { testServers } from './test-servers.ts';

/** The Temporal server of this run. It is shared: use task queues and workflow ids of your own. */
export function testTemporal(): { readonly address: string; readonly namespace: string } {
  const { temporalAddress, temporalNamespace } = testServers();
  return { address: temporalAddress, namespace: temporalNamespace };
}
