import type { Backend, Condition } from '../backends/backend.ts';
import type { RemoteUsage } from '../backends/remote.ts';
import { isServer, serverUrl } from '../backends/remote-url.ts';
import { UsageError } from '../base/errors.ts';
import { defaultModel } from '../study/shipped.node.ts';
import { type EngineChoice, engine, engineOf } from './args.ts';
import { defineArgs } from './command.ts';
import { wholeNumber } from './numbers.ts';

/** Options of commands that ask any model: a checkpoint, or a server. */
export const anyModel = defineArgs({
	model: {
		type: 'string',
		valueHint: 'DIR|URL',
		description: 'checkpoint folder (default: the shipped model), or the address of an OpenAI-compatible server',
	},
	'model-name': { type: 'string', valueHint: 'NAME', description: 'server: the model, where it has several' },
	concurrency: { type: 'string', valueHint: 'N', description: 'server: requests in flight (default 16)' },
	timeout: { type: 'string', valueHint: 'SECONDS', description: 'server: for one request (default 120)' },
	retries: { type: 'string', valueHint: 'N', description: 'server: further attempts at a request (default 10)' },
	request: {
		type: 'string',
		valueHint: 'JSON',
		description: 'server: fields to add to each request; null takes one out',
	},
	...engine,
});

export interface ModelChoice extends EngineChoice {
	model?: string | undefined;
	'model-name'?: string | undefined;
	concurrency?: string | undefined;
	timeout?: string | undefined;
	retries?: string | undefined;
	request?: string | undefined;
}

const SERVER_ONLY = ['model-name', 'concurrency', 'timeout', 'retries', 'request'] as const;

export interface OpenedBackend extends Backend {
	/** What a server has counted so far; absent for a model of our own. */
	usage?: () => RemoteUsage;
}

/** The model as it is named in messages; refuses an address that holds a password. */
export const modelLabel = (model: string = defaultModel()): string => (isServer(model) ? serverUrl(model) : model);

function requestFields(text: string | undefined): Record<string, unknown> {
	if (text === undefined) return {};
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (cause) {
		throw new UsageError(`--request: not JSON (${(cause as Error).message})`, { code: 'option-value', cause });
	}
	if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
	throw new UsageError('--request: expected an object, such as {"max_tokens":null}', { code: 'option-value' });
}

export interface OpenOptions {
	signal: AbortSignal;
	/** What will be asked for, so that a large model need not be loaded twice. */
	conditions?: readonly Condition[];
}

/** Opens what `anyModel` names. The engine is loaded only here: it takes a quarter of a second. */
export async function openBackend(args: ModelChoice, { signal, conditions = [] }: OpenOptions): Promise<OpenedBackend> {
	const model = args.model ?? defaultModel();
	if (!isServer(model)) {
		const unused = SERVER_ONLY.find((name) => args[name] !== undefined);
		if (unused !== undefined) {
			throw new UsageError(`--${unused}: is for a server; --model ${model} is a folder`, { code: 'option-conflict' });
		}
		const { load } = await import('../vlm/load.node.ts');
		const { nativeBackend } = await import('../backends/native.ts');
		const interventions = conditions.some(({ attention, select }) => attention || select?.kind === 'attention');
		return nativeBackend(await load(model, { interventions, ...engineOf(args) }));
	}
	if (args['vision-tower'] !== undefined) {
		throw new UsageError(`--vision-tower: is for a checkpoint folder; --model ${serverUrl(model)} is a server`, {
			code: 'option-conflict',
		});
	}
	const { openRemote } = await import('../backends/remote.node.ts');
	const concurrency = wholeNumber('concurrency', args.concurrency, { min: 1, max: 10_000 });
	const seconds = wholeNumber('timeout', args.timeout, { min: 1, max: 86_400 });
	const retries = wholeNumber('retries', args.retries, { max: 1000 });
	return openRemote({
		baseUrl: model,
		model: args['model-name'],
		request: requestFields(args.request),
		signal,
		...(concurrency !== undefined && { concurrency }),
		...(seconds !== undefined && { timeout: seconds * 1000 }),
		...(retries !== undefined && { retries }),
	});
}
