import type { MappingRules } from '../domain/mapping/check-mapping.ts';
import type { Pairing } from '../domain/mapping/mapping.ts';
import type { DerivedFields } from '../domain/mapping/rederive.ts';
import type { PlatformContext, PlatformSettings } from './platform.ts';

/** Lets people map contact fields to the fields of the account. */
export interface MapsFields {
  readonly mapping: {
    readonly rules: MappingRules;
    /** Canonical field to the platform's, before what a person says of single fields. */
    defaults(settings: PlatformSettings): Pairing;
    /** What the stored payload of a contact says under the mapping of the context; `undefined` for one that can not be read. Pure. */
    derive(context: Pick<PlatformContext, 'settings' | 'fields' | 'mapping'>, payload: unknown): DerivedFields | undefined;
  };
}
