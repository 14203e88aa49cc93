import type { PlatformField } from '../../platforms/platform.ts';

/** A connector as far as its permissions go. */
export interface PermissionParty {
  readonly connectorId: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly fields: readonly PlatformField[];
  /** Links that are there now: hub permission to the platform's key. */
  readonly links: Readonly<Record<string, string>>;
}

/** A permission that has no counterpart at a connector. */
export interface UnlinkedPermission {
  readonly permission: string;
  /** The connector that brings the permission in. */
  readonly source: string;
  /** The connector that has nothing of this name. */
  readonly destination: string;
  /** The names that it has. */
  readonly names: readonly string[];
}

/** What the links of an account should be. `links` has an entry for each connector. */
export interface PermissionPlan {
  readonly links: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly unlinked: readonly UnlinkedPermission[];
}

interface Entry {
  readonly key: string;
  readonly description: string;
}

/**
 * Links hub permissions to the platforms' keys. A connector with the setting `defaultPermission` (a CRM) or `permissions` (a system of the
 * company's own) names hub permissions: each of its own is linked to its key. At every other connector that has permissions, the default one,
 * or each of them, is linked to the entry that the setting `permissionKey` names, else to the one with the same name (without spaces around it,
 * whatever the case), else to the one it was linked to before, as long as that still exists. Pure.
 */
export function planPermissionLinks(parties: readonly PermissionParty[]): PermissionPlan {
  const sources = parties.filter((party) => namedBy(party).length > 0);
  const links: Record<string, Record<string, string>> = Object.fromEntries(parties.map((party) => [party.connectorId, {}]));
  const unlinked: UnlinkedPermission[] = [];
  for (const source of sources) Object.assign(links[source.connectorId] ?? {}, ownLinks(source));
  for (const destination of parties.filter((party) => namedBy(party).length === 0 && takesPermissions(party))) {
    Object.assign(links[destination.connectorId] ?? {}, orphanLinks(destination, sources));
    for (const [source, permission] of sources.flatMap((one) => namedBy(one).map((name) => [one, name] as const))) {
      const key = findKey(destination, permission, source.settings['permissionKey']);
      if (key === undefined) unlinked.push({ permission, source: source.connectorId, destination: destination.connectorId, names: entriesOf(destination).map((entry) => entry.description) });
      else Object.assign(links[destination.connectorId] ?? {}, { [permission]: key });
    }
  }
  return { links, unlinked };
}

/** The hub permissions that a connector brings to all others. */
function namedBy({ settings }: PermissionParty): readonly string[] {
  const { defaultPermission, permissions } = settings;
  if (typeof defaultPermission === 'string' && defaultPermission !== '') return [defaultPermission];
  return Array.isArray(permissions) ? permissions.filter((name) => typeof name === 'string') : [];
}

/** Links whose source was removed stay while their key exists and no source of today needs it: withdrawals must still arrive. */
function orphanLinks(destination: PermissionParty, sources: readonly PermissionParty[]): Record<string, string> {
  const today = new Map(sources.flatMap((source) => namedBy(source).map((name) => [name, findKey(destination, name, source.settings['permissionKey'])])));
  const needed = new Set(today.values());
  const exists = (key: string) => entriesOf(destination).some((entry) => entry.key === key);
  return Object.fromEntries(Object.entries(destination.links).filter(([permission, key]) => !today.has(permission) && !needed.has(key) && exists(key)));
}

function ownLinks(source: PermissionParty): Record<string, string> {
  return Object.fromEntries(entriesOf(source).map((entry) => [entry.description, entry.key]));
}

function findKey(destination: PermissionParty, permission: string, override: unknown): string | undefined {
  const entries = entriesOf(destination);
  const named = (name: string) => entries.find((entry) => entry.key === name || sameName(entry.description, name))?.key;
  if (typeof override === 'string') return named(override);
  const before = destination.links[permission];
  return named(permission) ?? entries.find((entry) => entry.key === before)?.key;
}

/** Permissions of a platform are the entries of its field of the type `permissions`. */
function entriesOf({ fields }: PermissionParty): readonly Entry[] {
  return fields.filter(isPermissionField).flatMap((field) => field.entries ?? []);
}

function takesPermissions({ fields }: PermissionParty): boolean {
  return fields.some(isPermissionField);
}

function isPermissionField(field: PlatformField): boolean {
  return /permission/i.test(field.type) || /permission/i.test(field.name);
}

function sameName(left: string, right: string): boolean {
  return left.trim().toLowerCase() === right.trim().toLowerCase();
}
