import { Agent, request } from 'node:http';

/** One page of a list sync as it goes over the wire. */
export interface WirePage {
  readonly syncId: string;
  readonly body: Buffer;
}

/** The pages of one list sync. */
export function* pagesOf(syncId: string, prospects: readonly object[], pageSize: number): Generator<WirePage, void> {
  const pageCount = Math.max(1, Math.ceil(prospects.length / pageSize));
  for (let page = 1; page <= pageCount; page += 1) {
    const body = Buffer.from(JSON.stringify({
      syncId, cid: '210', list: { id: 'L-1', name: 'Oakwood', description: '' }, page, pageCount, prospects: prospects.slice((page - 1) * pageSize, page * pageSize),
    }));
    yield { syncId, body };
  }
}

/** Where pages go. */
export interface Target {
  readonly url: string;
  readonly token: string;
}

/** Sends pages with so many requests under way. Resolves when all are answered 2xx. Errors: Error for any other answer. */
export async function postPages(target: Target, pages: Iterable<WirePage>, inFlight: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const queue = pages[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await post(agent, target, next.value);
  };
  try {
    await Promise.all(Array.from({ length: inFlight }, work));
  } finally {
    agent.destroy();
  }
}

function post(agent: Agent, { url, token }: Target, page: WirePage): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(url, {
      agent, method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': page.body.length, authorization: `Bearer ${token}`, 'idempotency-key': page.syncId },
    }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject).on('end', () => {
        if (answer.statusCode === 202) resolve();
        else reject(new Error(`The gateway answered ${answer.statusCode}: ${Buffer.concat(chunks).toString('utf8').slice(0, 300)}`));
      });
    });
    call.on('error', reject).end(page.body);
  });
}
