/** Exact counts over the life of the account, of what came in through the API. */
export interface EffectTotals {
  contactsCreated: number;
  changingUpserts: number;
  identicalUpserts: number;
  refusedUpserts: number;
  permissionFlips: number;
  inactivated: number;
  anonymised: number;
  listMembersAdded: number;
  listMembersRepeated: number;
  audiencesCreated: number;
  audiencesDeleted: number;
  audienceMembersAdded: number;
  audienceMembersRepeated: number;
  audienceMembersRemoved: number;
  productsCreated: number;
  productsChanged: number;
  productsDeleted: number;
  ordersCreated: number;
  ordersChanged: number;
  ordersDeleted: number;
}

/** All counts at their start. */
export function emptyTotals(): EffectTotals {
  return {
    contactsCreated: 0, changingUpserts: 0, identicalUpserts: 0, refusedUpserts: 0, permissionFlips: 0,
    inactivated: 0, anonymised: 0, listMembersAdded: 0, listMembersRepeated: 0,
    audiencesCreated: 0, audiencesDeleted: 0, audienceMembersAdded: 0, audienceMembersRepeated: 0, audienceMembersRemoved: 0,
    productsCreated: 0, productsChanged: 0, productsDeleted: 0, ordersCreated: 0, ordersChanged: 0, ordersDeleted: 0,
  };
}
