import { inAccount, type Db } from '../../db/database.ts';
import { listConnectors } from '../../db/repositories/connectors.ts';
import type { LoadedConnector } from './load-connector.ts';

/** Where an account has systems whose user name is the e-mail address: what to do at the platform on whose pages people change it. */
export async function userNameAdvice(db: Db, accountId: string, { row, platform }: LoadedConnector): Promise<readonly string[]> {
  if (!platform.description.reflectsContacts) return row.settings['emailIsUserName'] === true ? [`E-mail addresses that are changed elsewhere are not sent to «${row.id}» (setting emailIsUserName). Take the e-mail field off the profile page in Spotler Mail+, so that nobody changes it there in vain.`] : [];
  const rows = await inAccount(db, accountId, (trx) => listConnectors(trx));
  const userNames = rows.filter((one) => one.settings['emailIsUserName'] === true).map((one) => `«${one.id}»`);
  if (userNames.length === 0) return [];
  return [`The e-mail address is the user name in ${userNames.join(', ')}, and a changed one is not sent there: take the e-mail field off the profile page in ${platform.description.title}.`];
}
