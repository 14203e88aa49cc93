import { actChecks } from './checks/act-checks.ts';
import { connectionChecks } from './checks/connection-checks.ts';
import { deliveryChecks } from './checks/delivery-checks.ts';
import { descriptionChecks } from './checks/description-checks.ts';
import { readChecks } from './checks/read-checks.ts';
import { receiveChecks } from './checks/receive-checks.ts';
import { harnesses } from './harnesses.ts';
import { runChapters } from './run-checks.ts';

runChapters(harnesses, [
  { title: 'describes itself: it', checksOf: descriptionChecks },
  { title: 'connects: it', checksOf: connectionChecks },
  { title: 'reads: it', checksOf: readChecks },
  { title: 'receives: it', checksOf: receiveChecks },
  { title: 'delivers: it', checksOf: deliveryChecks },
  { title: 'acts: it', checksOf: actChecks },
]);
