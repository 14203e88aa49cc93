/** An answer of a JSON service. */
export interface JsonAnswer<Body = unknown> {
  readonly status: number;
  readonly body: Body;
}

/** Calls a JSON service. Rejects only when no answer comes. */
export async function callJson(method: string, url: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<JsonAnswer> {
  const answer = await fetch(url, {
    method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: parsed(text) };
}

/** Calls a JSON service that has to agree. Errors: Error with the answer for any status but 2xx. */
export async function demandJson<Body>(method: string, url: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Body> {
  const answer = await callJson(method, url, body, headers);
  if (answer.status < 200 || answer.status > 299) throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as Body;
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
