import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Db } from '../../db/database.ts';
import { flowGauges } from '../../db/repositories/flow-gauges.ts';
import type { App } from './app.ts';

/** What `/metrics` shows. */
export interface GatewayMetrics {
  /** The text of Prometheus' exposition format; reads the database for the gauges. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Counts requests and offers the state of the flow as gauges. A registry of its own, so that several gateways fit into one process. */
export function createMetrics(app: App, db: Db): GatewayMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  observeRequests(app, registry);
  const gauges = flowGaugeSet(registry);
  return {
    contentType: registry.contentType,
    text: async () => {
      fill(gauges, await flowGauges(db));
      return registry.metrics();
    },
  };
}

function observeRequests(app: App, registry: Registry): void {
  const labelNames = ['method', 'route', 'status'];
  const requests = new Counter({ name: 'hub_http_requests_total', help: 'Requests by route and status.', labelNames, registers: [registry] });
  const seconds = new Histogram({ name: 'hub_http_request_seconds', help: 'Time to answer.', labelNames, buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10], registers: [registry] });
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: request.routeOptions.url ?? 'unknown', status: String(reply.statusCode) };
    requests.inc(labels);
    seconds.observe(labels, reply.elapsedTime / 1000);
  });
}

interface FlowGaugeSet {
  readonly inboxWaiting: Gauge;
  readonly inboxLag: Gauge;
  readonly deliveries: Gauge;
  readonly oldestPending: Gauge;
  readonly failures: Gauge;
}

function flowGaugeSet(registry: Registry): FlowGaugeSet {
  const gauge = (name: string, help: string, labelNames: string[]) => new Gauge({ name, help, labelNames, registers: [registry] });
  return {
    inboxWaiting: gauge('hub_inbox_waiting', 'Inbound requests that are accepted and not yet applied.', ['connector']),
    inboxLag: gauge('hub_inbox_lag_seconds', 'Age of the oldest inbound request that is not yet applied.', ['connector']),
    deliveries: gauge('hub_deliveries', 'Deliveries that are not settled, by state.', ['connector', 'state']),
    oldestPending: gauge('hub_oldest_pending_seconds', 'Age of the oldest pending delivery.', ['connector']),
    failures: gauge('hub_open_failures', 'Open failures by code.', ['connector', 'code']),
  };
}

function fill(gauges: FlowGaugeSet, state: Awaited<ReturnType<typeof flowGauges>>): void {
  for (const gauge of Object.values(gauges) as Gauge[]) gauge.reset();
  for (const row of state.inbox) {
    gauges.inboxWaiting.set({ connector: row.connector_id }, row.waiting);
    gauges.inboxLag.set({ connector: row.connector_id }, row.lag_seconds);
  }
  for (const row of state.deliveries) gauges.deliveries.set({ connector: row.connector_id, state: row.state }, row.count);
  for (const row of state.pending) gauges.oldestPending.set({ connector: row.connector_id }, row.age_seconds);
  for (const row of state.failures) gauges.failures.set({ connector: row.connector_id, code: row.code }, row.count);
}
