import type { ActivityType } from '../../domain/model/activity.ts';

/** An activity of the hub that a prospect card takes. */
export interface CoinsActivityKind {
  /** The type as Coins knows it. */
  readonly coinsType: string;
  /** The words of seed 000, shown where the activity brings no description of its own. */
  readonly label: string;
  /** The platform that supplies it today; `none` when no connected platform can. */
  readonly suppliedBy: 'Mail+' | 'none';
}

const kind = (coinsType: string, label: string, suppliedBy: CoinsActivityKind['suppliedBy']): CoinsActivityKind => ({ coinsType, label, suppliedBy });

/**
 * The fourteen activities that are written back to prospect cards (seed 000, `docs/coins.md`). The fifteenth, *Unsubscribed*,
 * changes the permission and is never an activity; opens are not on the list.
 */
export const coinsActivities: Readonly<Record<Exclude<ActivityType, 'email.opened'>, CoinsActivityKind>> = {
  'conversation.concluded': kind('conversation.concluded', 'Conversation was concluded', 'none'),
  'email.sent': kind('email.sent', 'Email was sent', 'Mail+'),
  'email.bounced': kind('email.bounced', 'Email was bounced', 'Mail+'),
  'email.clicked': kind('email.clicked', 'Email was clicked', 'Mail+'),
  'page.viewed': kind('page.viewed', 'Page was viewed', 'none'),
  'email.complained': kind('email.complained', 'Email complaint', 'none'),
  'sms.sent': kind('sms.sent', 'SMS sent', 'Mail+'),
  'sms.bounced': kind('sms.bounced', 'SMS bounced', 'Mail+'),
  'event.invited': kind('event.invited', 'Invited to event', 'none'),
  'event.accepted': kind('event.accepted', 'Will attend event', 'none'),
  'event.declined': kind('event.declined', 'Will not attend event', 'none'),
  'event.attended': kind('event.attended', 'Has attended event', 'none'),
  'event.no_show': kind('event.no_show', 'Has not attended event', 'none'),
  'form.submitted': kind('form.submitted', 'Form submitted', 'Mail+'),
};

/** Whether a type of activity goes to Coins. */
export function isCoinsActivity(type: string): type is keyof typeof coinsActivities {
  return Object.hasOwn(coinsActivities, type);
}
