/**
 * What shops tell beside their records. `purchase`: one row for each order that counts for the purchase dates of its customer: it was placed,
 * and not cancelled when the hub came to know it. A row stays when the order is cancelled later. The indexes find the order of a checkout
 * and the checkout of an order, whichever of the two names the other.
 */
export const shop = `
create table purchase (
  account_id text not null,
  record_id bigint primary key,
  connector_id text not null,
  placed_at timestamptz not null,
  says_first boolean not null,
  foreign key (account_id, record_id) references record (account_id, id),
  foreign key (account_id, connector_id) references connector (account_id, id)
);
create index purchase_account on purchase (account_id);
create index source_record_order_of_checkout on source_record ((canonical->>'extra.checkoutId'), connector_id) where data_type = 'orders';
create index source_record_checkout_of_order on source_record ((canonical->>'orderExternalId'), connector_id) where data_type = 'checkouts';
`;
