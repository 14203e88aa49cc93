import { Agent, request } from 'node:http';
import { signCall } from '../../platforms/mailplus/oauth.ts';

const batchSize = 100;
const credential = { key: 'sandbox-key', secret: 'sandbox-secret' };

/** The delivery without the hub: signed batches of 100 contacts made from memory, one call after the other. Resolves with seconds. */
export async function deliverRaw(baseUrl: string, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const started = performance.now();
  try {
    for (let first = 0; first < count; first += batchSize) {
      const contacts = Array.from({ length: Math.min(batchSize, count - first) }, (_, index) => contactOf(first + index));
      await post(agent, `${baseUrl}/contact/list`, JSON.stringify({ update: true, purge: false, contacts }));
    }
  } finally {
    agent.destroy();
  }
  return (performance.now() - started) / 1_000;
}

function contactOf(number: number): object {
  return {
    externalId: `raw-${number}`,
    properties: {
      email: `raw.${number}@people.example`, firstName: 'Anna', lastName: 'Hill', city: 'Leeds', street: '12 Mill Lane', mobileNumber: '+447700900123',
      permissions: [{ bit: 2, enabled: true }],
    },
  };
}

function post(agent: Agent, url: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent, method: 'POST', headers: { accept: 'application/json', 'content-type': 'application/json', authorization: signCall(credential, 'POST', url) } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      }).on('error', reject).on('end', () => {
        if (answer.statusCode === 200 && !text.includes('PROPERTY_INVALID')) resolve();
        else reject(new Error(`The sandbox answered ${answer.statusCode}: ${text.slice(0, 300)}`));
      });
    });
    call.on('error', reject).end(body);
  });
}
