/** What a server answers: a status and, where there is one, a JSON body. */
export type Answer = { status: number; body?: unknown; headers?: Record<string, string> };

/** A request that is not carried out; becomes the answer with this status and body. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;

  /** @param details more fields of the body, beside `message` */
  constructor(status: number, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.body = { message, ...details };
  }
}

/** The refusal of a value: 400 with the name of the field. */
export function wrongValue(field: string, message: string): Refusal {
  return new Refusal(400, message, { field });
}
