import type { ConnectorClass } from './connector-classes.ts';

/** One step of the onboarding page's «Order of connectors» (seed 002). */
export interface OnboardingStep {
  readonly number: number;
  /** Word for word. */
  readonly title: string;
  readonly classes: readonly ConnectorClass[];
}

/** The six steps, in order. Any may be skipped. Activities and analytics share the last one: either may come first. */
export const onboardingSteps: readonly OnboardingStep[] = [
  { number: 1, title: 'E-Fulfilment system (if applicable)', classes: ['e-fulfilment'] },
  { number: 2, title: 'Marketing automation', classes: ['marketing-automation'] },
  { number: 3, title: 'Primary sales channel', classes: ['sales-channel'] },
  { number: 4, title: 'Marketplace(s)', classes: ['marketplace'] },
  { number: 5, title: 'CRM', classes: ['crm'] },
  { number: 6, title: 'Activities/Analytics', classes: ['activities', 'analytics'] },
];

/** What a person has said yes to. */
export interface OnboardingConsent {
  /** Take another order than the page asks for. */
  readonly override?: boolean;
  /** E-fulfilment comes late: the changes to products and stock were shown and are wanted. `override` does not stand in for it. */
  readonly acceptLateFulfilment?: boolean;
}

/** Whether a connector may be added now. `reason` is for a person; `order` names the step titles in the right order. */
export type OnboardingCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'out-of-order' | 'late-fulfilment'; readonly reason: string; readonly order: readonly string[] };

/**
 * Checks the order of connectors: refused when a class of a later step is there already. Another connector of a class that
 * is there is always in order; e-fulfilment after anything else needs its own yes (design §5). `existing` may hold repeats.
 */
export function checkOnboarding(existing: readonly ConnectorClass[], added: ConnectorClass, consent: OnboardingConsent = {}): OnboardingCheck {
  if (existing.includes(added)) return { ok: true };
  const later = stepsOf(existing).filter((step) => step.number > stepOf(added).number);
  if (later.length === 0) return { ok: true };
  const order = onboardingSteps.map((step) => step.title);
  const present = later.map((step) => step.title).join(', ');
  if (added === 'e-fulfilment') return checkLateFulfilment(present, order, consent);
  if (consent.override === true) return { ok: true };
  const reason = `${stepOf(added).title} comes before what is already connected (${present}). The order is: ${order.join('; ')}. Repeat with an override to add it all the same.`;
  return { ok: false, code: 'out-of-order', reason, order };
}

function checkLateFulfilment(present: string, order: readonly string[], consent: OnboardingConsent): OnboardingCheck {
  if (consent.acceptLateFulfilment === true) return { ok: true };
  const reason = `E-fulfilment comes first, and these are already connected: ${present}. It becomes the only source of stock and has the first word on products, `
    + 'also on those that are stored: where it says something else than the shop, they change, and so does what other systems have of them.';
  return { ok: false, code: 'late-fulfilment', reason, order };
}

/** A step with how far it is: `skipped` when a later step is done and this one is not. Exactly one is `next`, unless the last is done. */
export interface OnboardingProgress extends OnboardingStep {
  readonly state: 'done' | 'skipped' | 'next' | 'open';
}

/** How far the onboarding is, from the classes of the connectors that are there. */
export function onboardingStatus(existing: readonly ConnectorClass[]): readonly OnboardingProgress[] {
  const done = new Set(stepsOf(existing).map((step) => step.number));
  const last = Math.max(0, ...done);
  return onboardingSteps.map((step) => ({ ...step, state: stateOf(step.number, done, last) }));
}

function stateOf(number: number, done: ReadonlySet<number>, last: number): OnboardingProgress['state'] {
  if (done.has(number)) return 'done';
  if (number < last) return 'skipped';
  return number === last + 1 ? 'next' : 'open';
}

function stepsOf(classes: readonly ConnectorClass[]): readonly OnboardingStep[] {
  return onboardingSteps.filter((step) => step.classes.some((one) => classes.includes(one)));
}

const stepByClass = new Map(onboardingSteps.flatMap((step) => step.classes.map((one) => [one, step] as const)));

function stepOf(one: ConnectorClass): OnboardingStep {
  const step = stepByClass.get(one);
  if (step === undefined) throw new RangeError(`no onboarding step has the class ${one}`);
  return step;
}
