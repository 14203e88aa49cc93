const plainLabel = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const asciiDomain = new RegExp(`^(?:${plainLabel}\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$`);
const asciiSigns = /^[a-z0-9.-]*$/;
const maxDomainLength = 253;

const maxCachedDomains = 10_000;
const cachedDomains = new Map<string, string | null>();

/**
 * A mail domain in ASCII (IDN as `xn--…`, UTS 46), or `null` when it is none: at least two labels of 1 to 63 letters, digits and
 * inner hyphens, the last one not a number, at most 253 characters, no dot at the end. `domain` is lower case and NFC.
 * What is not plain ASCII goes through the URL class once; the answers for the last domains are kept.
 */
export function asciiDomainOf(domain: string): string | null {
  if (domain.length > maxDomainLength) return null;
  if (asciiDomain.test(domain) && !domain.includes('xn--')) return domain;
  const cached = cachedDomains.get(domain);
  if (cached !== undefined) return cached;
  const ascii = convert(domain);
  if (cachedDomains.size >= maxCachedDomains) cachedDomains.clear();
  cachedDomains.set(domain, ascii);
  return ascii;
}

/** Other ASCII signs are kept from the URL class, which would decode them or take them for parts of an address. */
function convert(domain: string): string | null {
  const ascii = domain.replaceAll(/[\u0080-\u{10ffff}]/gu, '');
  if (!asciiSigns.test(ascii) || !URL.canParse(`https://${domain}`)) return null;
  const { hostname } = new URL(`https://${domain}`);
  return hostname.length <= maxDomainLength && asciiDomain.test(hostname) ? hostname : null;
}
