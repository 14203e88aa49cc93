import { describe, expect, it } from '@jest/globals';
import { waitFor } from '../../support/wait-for.ts';
import { withServer } from '../../support/with-server.ts';

describe('waiting for a condition', () => {
  it('gives what the condition gave once it holds, though it threw before', async () => {
    let asked = 0;
    const value = await waitFor(() => {
      asked += 1;
      if (asked === 1) throw new Error('not yet');
      return asked < 3 ? undefined : { asked };
    });
    expect(value).toEqual({ asked: 3 });
  });

  it('takes zero and the empty text for answers', async () => {
    expect(await waitFor(() => 0)).toBe(0);
    expect(await waitFor(() => '')).toBe('');
  });

  it('fails with what it waited for and the last answer or error', async () => {
    await expect(waitFor(() => false, { timeoutMs: 30, message: 'the second page' })).rejects.toThrow('Waited 30 ms in vain for the second page; last: false.');
    await expect(waitFor(() => Promise.reject(new Error('refused')), { timeoutMs: 30 })).rejects.toThrow('last: refused.');
  });
});

describe('a local HTTP server', () => {
  it('answers until it is closed, and a handler that rejects with 500', async () => {
    const server = await withServer(async (request, response) => {
      if (request.url === '/bad') throw new Error('broken');
      await Promise.resolve();
      response.end('good');
    });
    expect(await (await fetch(server.url)).text()).toBe('good');
    expect((await fetch(`${server.url}/bad`)).status).toBe(500);
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow();
  });
});
