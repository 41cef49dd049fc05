import { once } from 'node:events';
import { plural } from '../../report/format.ts';
import { anyModel, modelLabel, openBackend } from '../backend.ts';
import { defineCommand } from '../command.ts';

/** Milliseconds between lines about work done. */
const EVERY = 10_000;

export const worker = defineCommand({
	summary: 'Answers questions for dorsal eval --queue on this or another machine, until Ctrl-C.',
	details:
		'Start any number of them, anywhere that can reach the Redis (or Valkey), each with the same model as the evaluation:\n' +
		'a worker with another model, version or prompt template gets nothing to do. A worker that dies loses nothing; its\n' +
		'questions are given to another within half a minute.',
	args: {
		queue: { type: 'string', valueHint: 'URL', required: true, description: 'Redis, such as redis://10.0.0.5:6379' },
		json: { type: 'boolean', description: 'print what was done as JSON when the worker has been stopped' },
		...anyModel,
	},
	examples: [
		{ call: 'dorsal worker --queue redis://127.0.0.1:6379', does: 'answer with the shipped model' },
		{ call: 'dorsal worker --queue redis://10.0.0.5:6379 --model ~/llava-1.5-7b-hf', does: 'your own model' },
	],
	async run(args, { log, signal }) {
		log(`worker: ${modelLabel(args.model)}`);
		const { redisName } = await import('../../backends/queue-redis.node.ts');
		const { startWorker } = await import('../../backends/queue-worker.node.ts');
		const backend = await openBackend(args, { signal });
		try {
			let questions = 0;
			let told = performance.now();
			const running = await startWorker(backend, {
				url: args.queue,
				onNotice: log,
				...(backend.lookAhead && { concurrency: 4 }),
				onShard(count) {
					questions += count;
					if (performance.now() - told < EVERY) return;
					told = performance.now();
					log(`worker: ${plural(questions, 'question')} answered`);
				},
			});
			log(
				`worker: waiting at ${redisName(args.queue)} for ${running.queue}; Ctrl-C stops it after the questions under way`,
			);
			if (!signal.aborted) await once(signal, 'abort');
			await running.close();
			return { result: { questions }, text: `${plural(questions, 'question')} answered` };
		} finally {
			await backend.close();
		}
	},
});
