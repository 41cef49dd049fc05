import { once } from 'node:events';
import path from 'node:path';
import { serve as startServer } from '../../serve/server.node.ts';
import { defaultModel } from '../../study/shipped.node.ts';
import { load } from '../../vlm/load.node.ts';
import { engine, engineOf } from '../args.ts';
import { defineCommand } from '../command.ts';
import { wholeNumber } from '../numbers.ts';

export const serve = defineCommand({
	summary: 'A model behind an OpenAI-compatible server, until Ctrl-C.',
	details:
		'It answers GET /v1/models and POST /v1/chat/completions, streamed or not, with one image as a data URL. Without\n' +
		'--host only this machine can connect. There is no password: let others in only where all may ask.',
	args: {
		model: { type: 'string', valueHint: 'DIR', description: 'checkpoint folder (default: the shipped model)' },
		port: { type: 'string', valueHint: 'N', default: '8000', description: 'port; 0 takes any that is free' },
		host: { type: 'string', valueHint: 'ADDRESS', default: '127.0.0.1', description: 'address to listen on' },
		json: { type: 'boolean', description: 'print the address as JSON when the server has been stopped' },
		...engine,
	},
	examples: [
		{ call: 'dorsal serve', does: 'the shipped model at http://127.0.0.1:8000/v1' },
		{ call: 'dorsal serve --model ~/llava-1.5-7b-hf --port 9000', does: 'your own model' },
		{ call: 'dorsal eval 2ds --model http://127.0.0.1:8000/v1 --limit 100', does: 'in another terminal: evaluate it' },
	],
	async run(args, { log, signal }) {
		const port = wholeNumber('port', args.port, { max: 65_535 })!;
		const folder = args.model ?? defaultModel();
		const model = await load(folder, engineOf(args));
		try {
			const name = path.basename(path.resolve(folder));
			const serving = await startServer({ model, name, host: args.host, port });
			const reach = serving.loopback
				? 'this machine only'
				: 'every machine that can reach this address, without a password';
			log(`serving ${name} at ${serving.url} (${reach}); Ctrl-C stops it`);
			if (!signal.aborted) await once(signal, 'abort');
			await serving.close();
			return { result: { url: serving.url, model: name }, text: `stopped serving ${name}` };
		} finally {
			await model.close();
		}
	},
});
