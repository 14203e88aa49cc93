import { createServer, type RequestListener, type Server } from 'node:http';
import { patientServer } from './patient-server.ts';

/** A local HTTP server for one test. */
export interface LocalServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Ends it, with every connection that is open. */
  close(): Promise<void>;
}

/** Starts a local HTTP server with the handler on a free port. A handler that rejects is answered with 500. Call `close` when done. */
export async function withServer(handler: (...args: Parameters<RequestListener>) => void | Promise<void>): Promise<LocalServer> {
  const server = createServer(patientServer, (request, response) => {
    Promise.resolve()
      .then(() => handler(request, response))
      .catch((error: unknown) => response.writableEnded || response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, port, server, close: () => closeNow(server) };
}

function closeNow(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
