/** What a task for an account manager says. */
export interface BounceTask {
  readonly subject: string;
  readonly description: string;
}

/** What is known of a case when its task is made. */
export interface BounceFacts {
  readonly kind: 'hard' | 'soft';
  readonly bounces: number;
  /** ISO 8601 in UTC; the day is shown. */
  readonly bouncedAt: string;
  /** Ids of the person's other cards at the same platform. */
  readonly otherCards: readonly string[];
}

/** Ids may have 200 characters, and a description has to stay short. */
const mostCardsNamed = 5;

/** The words of a task, naming both leads (seed 001): who follows the person up, and the new employer of one who left. No personal data. Pure. */
export function bounceTask({ kind, bounces, bouncedAt, otherCards }: BounceFacts): BounceTask {
  const day = bouncedAt.slice(0, 10);
  const happened = kind === 'hard'
    ? `E-mail to this person's address bounced on ${day}: the address does not work (hard bounce).`
    : `E-mail to this person's address bounced ${bounces} times in a row, the last time on ${day} (soft bounces).`;
  const more = otherCards.length > mostCardsNamed ? ` and ${otherCards.length - mostCardsNamed} more` : '';
  const cards = otherCards.length === 0 ? [] : [`The same person is also on: ${otherCards.slice(0, mostCardsNamed).join(', ')}${more}.`];
  return {
    subject: 'E-mail bounced: correct the address, or find out who took over',
    description: [
      happened,
      'First see whether the address has a typing error. If the person has left the company, there are two leads:',
      '1. Who follows this person up? Ask for the successor, to keep the customer.',
      '2. Where does this person work now? Reach them another way: the new employer may become a customer.',
      ...cards,
    ].join('\n'),
  };
}
