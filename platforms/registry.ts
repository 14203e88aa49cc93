import { coins } from './coins/index.ts';
import { custom } from './custom/index.ts';
import { mailplus } from './mailplus/index.ts';
import type { Platform } from './platform.ts';

/** Every platform that the hub knows, by its id: the only list of them. */
export const platforms: Readonly<Record<string, Platform>> = { mailplus, coins, custom };
