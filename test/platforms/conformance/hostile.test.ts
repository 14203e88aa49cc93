import { cancelChecks } from './checks/cancel-checks.ts';
import { hostileAnswerChecks } from './checks/hostile-answer-checks.ts';
import { hostileOutcomeChecks } from './checks/hostile-outcome-checks.ts';
import { hostilePageChecks } from './checks/hostile-page-checks.ts';
import { harnesses } from './harnesses.ts';
import { runChapters } from './run-checks.ts';

runChapters(harnesses, [
  { title: 'reads pages that lie: it', checksOf: hostilePageChecks },
  { title: 'gets answers that are none: it', checksOf: hostileAnswerChecks },
  { title: 'gets outcomes that mislead: it', checksOf: hostileOutcomeChecks },
  { title: 'is cancelled: it', checksOf: cancelChecks },
]);
