/** Canonical name to Coins' name of the fields that Coins and the hub both keep and that an edit elsewhere may change. */
export const heldKeyOf: Readonly<Record<string, string>> = Object.freeze({
  title: 'title',
  firstName: 'forename',
  lastName: 'surname',
  email: 'email',
  mobile: 'mobile',
  phone: 'telephone',
  addressLine1: 'address.line1',
  addressLine2: 'address.line2',
  city: 'address.town',
  region: 'address.county',
  postalCode: 'address.postcode',
  country: 'address.country',
});

/** Keys in `held` that `PATCH /api/v1/prospects/{prospectId}` takes. */
export const profileKeys: ReadonlySet<string> = new Set(Object.values(heldKeyOf));

/** Prefix of a permission's key in `held`: `consent:EMAIL_MKT`. */
export const consentPrefix = 'consent:';

/** Prefix of an address part's key in `held`: `address.town`. */
export const addressPrefix = 'address.';
