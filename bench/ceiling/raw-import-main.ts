import { createServer } from 'node:http';
import pg from 'pg';

/**
 * The import without the hub: takes the same pages over HTTP, parses them, and commits each by one insert of all its cards
 * (id, address, card) into one table. The first argument names the database.
 */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 8 });
pool.on('error', () => undefined);

interface Card { readonly prospectId?: unknown; readonly email?: unknown }

async function store(text: string): Promise<void> {
  const { prospects } = JSON.parse(text) as { prospects: Card[] };
  await pool.query('insert into raw_import (id, email, card) select * from unnest($1::text[], $2::text[], $3::json[]) on conflict (id) do nothing', [
    prospects.map((card) => String(card.prospectId)), prospects.map((card) => String(card.email)), prospects.map((card) => JSON.stringify(card)),
  ]);
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
    store(Buffer.concat(chunks).toString('utf8')).then(() => response.writeHead(202).end(), () => response.writeHead(500).end());
  });
});
await pool.query('create table raw_import (id text primary key, email text, card json not null)');
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}/` })}\n`);
});
process.once('SIGTERM', () => {
  server.close();
  void pool.end();
});
