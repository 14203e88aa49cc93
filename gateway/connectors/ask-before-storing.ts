import { HubError } from '../../domain/errors.ts';
import type { Platform, PlatformContext } from '../../platforms/platform.ts';
import { surveyPlatform, type PlatformSurvey } from './check-connector.ts';

/**
 * Asks a platform before a connector is stored. Throws the platform's HubErrors with what to do here: nothing was stored, and nothing
 * is tried again by itself.
 */
export async function askBeforeStoring(platform: Platform, context: PlatformContext): Promise<PlatformSurvey> {
  try {
    return await surveyPlatform(platform, context);
  } catch (error) {
    throw error instanceof HubError ? asRefusal(error, context.settings) : error;
  }
}

function asRefusal(error: HubError, settings: PlatformContext['settings']): HubError {
  const message = `${error.message} Nothing was stored.`;
  if (error.recovery === 'authorisation') {
    return new HubError(error.code, message, { ...error.facts, field: 'credentials', fix: 'Correct the credentials and send the command again.' }, error);
  }
  if (error.recovery === 'configuration') return new HubError(error.code, message, error.facts, error);
  const { webhookUrl, baseUrl } = settings;
  const [name, url] = typeof webhookUrl === 'string' && webhookUrl !== '' ? ['webhookUrl', webhookUrl] : ['baseUrl', baseUrl];
  const [address = ''] = typeof url === 'string' ? url.split('?', 1) : [];
  const fix = `Check the setting ${name} («${address}») and the network, and send the command again. \`--skip-check\` stores without asking the platform.`;
  return new HubError(error.code, message, { ...error.facts, field: `settings.${name}`, fix }, error);
}
