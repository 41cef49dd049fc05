import { UsageError } from '../base/errors.ts';

/** Whether a model's name is the address of a server rather than a folder. */
export const isServer = (model: string): boolean => /^https?:\/\//i.test(model);

/**
 * The base of an OpenAI-compatible server's addresses, without a slash at the end; `/v1` is added where there is no path.
 * Refuses whatever could carry a key into a record, and does not repeat it.
 */
export function serverUrl(text: string): string {
	let url: URL;
	try {
		url = new URL(text);
	} catch (cause) {
		throw new UsageError('--model: is no valid URL; write it like http://127.0.0.1:8000/v1', { code: 'url', cause });
	}
	if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
		throw new UsageError(
			`--model ${url.protocol}//${url.host}: a URL with a user, password or query would end up in records; put the key into OPENAI_API_KEY or DORSAL_API_KEY`,
			{ code: 'url' },
		);
	}
	if (url.protocol !== 'http:' && url.protocol !== 'https:') {
		throw new UsageError(`--model ${url.protocol}: expected http:// or https://`, { code: 'url' });
	}
	const path = url.pathname.replace(/\/+$/, '');
	return `${url.protocol}//${url.host}${path === '' ? '/v1' : path.replace(/\/chat\/completions$/, '')}`;
}

/** Whether what is sent to an address stays on this machine or is encrypted on its way. */
export function isPrivate(address: string): boolean {
	const { protocol, hostname } = new URL(address);
	return protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
