import type { ServerResponse } from 'node:http';
import type { FaultSpec } from '../faults/fault-book.ts';
import type { Reply } from './call.ts';

const errorPage = `<!DOCTYPE html><html><head><title>Error</title></head>
<body><h1>System error</h1><p>Please try again later.</p></body></html>
`;

/** Sends an answer as the vendor does: JSON without a charset, or nothing at all. */
export function sendReply(response: ServerResponse, reply: Reply): void {
  if (reply.status === 401) response.setHeader('www-authenticate', 'OAuth realm="Mail+"');
  if (reply.body === undefined) {
    response.writeHead(reply.status).end();
    return;
  }
  const payload = JSON.stringify(reply.body);
  response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) });
  response.end(payload);
}

/** Sends the page of a server that stands in front and knows no such path. */
export function sendUnknownPath(response: ServerResponse): void {
  sendText(response, 404, 'text/html', errorPage);
}

/** Answers a call that broke something in here, or ends its connection when an answer had begun. */
export function sendFailure(response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else sendReply(response, { status: 500, body: { errorType: 'BACKEND_EXCEPTION', message: 'Unexpected failure' } });
}

/** Plays a fault in place of the answer; `reply` is the answer that was ready, if the call was carried out. */
export function sendFault(response: ServerResponse, fault: FaultSpec, reply: Reply | undefined): void {
  if (fault.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(fault.retryAfterSeconds));
  switch (fault.action) {
    case 'html500':
      sendText(response, 500, 'text/html', errorPage);
      break;
    case 'rateLimit':
      sendText(response, 429, 'text/plain', 'Too many requests');
      break;
    case 'status':
      sendText(response, fault.status ?? 503, fault.contentType ?? 'text/plain', fault.body ?? '');
      break;
    case 'halfBody':
      sendHalf(response, reply);
      break;
    default:
      response.socket?.resetAndDestroy();
  }
}

function sendText(response: ServerResponse, status: number, contentType: string, text: string): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Announces the whole body, sends half of it and closes. An empty answer breaks off in its first line. */
function sendHalf(response: ServerResponse, reply: Reply | undefined): void {
  if (reply?.body === undefined) {
    response.socket?.end('HTTP/1.1 20');
    return;
  }
  const payload = Buffer.from(JSON.stringify(reply.body));
  response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': payload.length });
  response.write(payload.subarray(0, payload.length / 2), () => response.socket?.end());
}
