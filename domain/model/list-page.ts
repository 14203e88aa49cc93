/** The list facts of one page of a list sync. */
export interface ListPage {
  readonly syncId: string;
  readonly page: number;
  readonly pageCount: number;
  readonly list: { readonly externalId: string; readonly name: string; readonly description: string };
  readonly campaign?: { readonly externalId: string; readonly name: string; readonly startDate: string | null; readonly endDate: string | null };
  readonly memberIds: readonly string[];
}
