import { UsageError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import { decodeImage } from '../image/decode.node.ts';
import { nodeFetch } from './http.node.ts';
import { type RemoteBackend, type RemoteOptions, remoteBackend, servedModels } from './remote.ts';
import { isPrivate, serverUrl } from './remote-url.ts';

/** Names of models that an error line lists. */
const LISTED = 10;

export interface OpenRemoteOptions extends Omit<RemoteOptions, 'model' | 'apiKey' | 'decodeImage' | 'fetch'> {
	/** Default: the one model that the server offers. */
	model?: string | undefined;
}

/**
 * The key for a server: DORSAL_API_KEY, else OPENAI_API_KEY. The latter is often set for another purpose, so it is not
 * sent unencrypted to another machine.
 */
export function keyFor(
	url: string,
	env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
	return env.DORSAL_API_KEY?.trim() || (isPrivate(url) ? env.OPENAI_API_KEY?.trim() : '') || undefined;
}

async function onlyModel(baseUrl: string, options: Parameters<typeof servedModels>[1]): Promise<string> {
	const names = await servedModels(baseUrl, options);
	if (names.length === 1) return names[0]!;
	const shown = names
		.slice(0, LISTED)
		.map((one) => show(one))
		.join(', ');
	const list =
		names.length === 0
			? 'names no model'
			: `offers ${names.length} models (${shown}${names.length > LISTED ? ' …' : ''})`;
	throw new UsageError(`${serverUrl(baseUrl)}: ${list}; say which with --model-name`, { code: 'model-name' });
}

/** A server as a backend: the key comes from the environment, the model's name from the server where none is given. */
export async function openRemote({ model, ...options }: OpenRemoteOptions): Promise<RemoteBackend> {
	const apiKey = keyFor(serverUrl(options.baseUrl));
	const fetch = nodeFetch();
	const name = model ?? (await onlyModel(options.baseUrl, { ...options, apiKey, fetch }));
	return remoteBackend({ ...options, apiKey, fetch, decodeImage, model: name });
}
