import type { Condition } from '../../backends/backend.ts';
import type { RemoteUsage } from '../../backends/remote.ts';
import { FORMS } from '../../bench2ds/bench.ts';
import { PLACEMENTS } from '../../bench2ds/scene.ts';
import { conditionHelp, parseConditions } from '../../eval/conditions.ts';
import { powerPlan } from '../../eval/power.ts';
import { evaluate } from '../../eval/runner.ts';
import { openRun } from '../../eval/store.node.ts';
import { count, plural } from '../../report/format.ts';
import { VARIANTS } from '../../tasks/robustness.ts';
import { benchmarks, type ScoreResult } from '../../tasks/score.ts';
import { scoreFiles } from '../../tasks/score-files.node.ts';
import type { Task } from '../../tasks/task.ts';
import { isUnscored } from '../../tasks/vqav2/task.ts';
import { common, limit, limitOf, out, seedOf } from '../args.ts';
import { anyModel, modelLabel, type OpenedBackend, openBackend } from '../backend.ts';
import { defineCommand } from '../command.ts';
import { listing } from '../help.ts';
import { decimalNumber, wholeNumber } from '../numbers.ts';
import { planText } from '../plan-text.ts';
import { resultsText } from '../results-text.ts';
import { scoreText } from '../score-text.ts';
import { chooseTask, formOf, placementOf, taskNames } from '../tasks.ts';

export const evaluateTask = defineCommand({
	summary: 'Answers and scores a task under chosen conditions; a run that was stopped is gone on with.',
	details: `Conditions, several joined by commas, several at once by &:\n${listing(
		conditionHelp.map(({ usage, meaning }) => [usage, meaning]),
	)}\nRandom ones come in three draws. Every condition is compared with intact on the same questions. Of a\nstandard benchmark the intact answers are also scored as by dorsal score; --condition there picks others.`,
	args: {
		task: { type: 'positional', required: true, description: taskNames.join(', ') },
		condition: { type: 'string', valueHint: 'LIST', default: 'intact', description: 'conditions to ask under' },
		data: {
			type: 'string',
			valueHint: 'PATH',
			repeatable: true,
			description: "the benchmark's file or folder; 2DS is generated where none is given",
		},
		images: { type: 'string', valueHint: 'DIR', description: 'folder of the images (default: that of the data)' },
		prompt: { type: 'string', valueHint: 'NAME', description: "another wording of the benchmark's prompt" },
		form: {
			type: 'enum',
			options: [...FORMS],
			valueHint: 'FORM',
			description: '2DS: how relations are asked (yes-no unless given)',
		},
		placement: {
			type: 'enum',
			options: [...PLACEMENTS],
			valueHint: 'WHERE',
			description: '2DS: where objects may be (grid unless given)',
		},
		quads: { type: 'boolean', description: '2DS: images in mirrored fours, for pair and set accuracy' },
		variants: {
			type: 'enum',
			options: Object.keys(VARIANTS),
			valueHint: 'KIND',
			description: 'ask each question in several versions',
		},
		'max-new-tokens': { type: 'string', valueHint: 'N', default: '32', description: 'most tokens of an answer' },
		temperature: { type: 'string', valueHint: 'T', default: '0', description: '0 always takes the likeliest token' },
		queue: { type: 'string', valueHint: 'URL', description: 'let dorsal worker processes answer, through this Redis' },
		plan: { type: 'boolean', description: 'ask nothing; say how many questions show which difference' },
		...common,
		...limit('most questions a condition, whole images spread over the data'),
		...out('RUN', 'folder of the run (default: runs/TASK)'),
		...anyModel,
	},
	examples: [
		{ call: 'dorsal eval 2ds --condition intact,permuted,text-only --out runs/try', does: 'the shipped model on 2DS' },
		{ call: 'dorsal eval 2ds --form direction --condition "intact,pool:4&permuted"', does: 'conditions combined' },
		{
			call: 'dorsal eval 2ds --model http://127.0.0.1:8000/v1 --condition intact,text-only,pixels:mirror',
			does: 'a model behind a server',
		},
		{
			call: 'dorsal eval pope --data coco_pope_popular.json --images val2014 --model DIR',
			does: 'a standard benchmark',
		},
	],
	async run(args, { all, log, progress, signal }) {
		const seed = seedOf(args.seed);
		const questions = limitOf(args.limit);
		const settings = {
			maxNewTokens: wholeNumber('max-new-tokens', args['max-new-tokens'], { min: 1 })!,
			temperature: decimalNumber('temperature', args.temperature, { min: 0, max: 100 })!,
			seed,
		};
		const conditions = parseConditions(args.condition, { seed });
		const dir = args.out ?? `runs/${args.task}`;
		if (!args.plan) log(`eval: ${args.task}, ${modelLabel(args.model)}, ${args.condition} → ${dir}`);
		const chosen = await chooseTask({
			name: args.task,
			data: all('data'),
			seed,
			asked: !args.plan,
			...formOf(args.form),
			...placementOf(args.placement),
			...(args.quads && { quads: true }),
			...(args.images !== undefined && { images: args.images }),
			...(args.prompt !== undefined && { prompt: args.prompt }),
		});
		const task: Task = args.variants === undefined ? chosen : VARIANTS[args.variants]!(chosen);
		const balance = answerBalance(task);
		const shares = Object.entries(balance).map(([answer, many]) => `${answer} ${count(many)}`);
		const balanceLine = shares.length > 0 ? `\nRight answers of all its questions: ${shares.join(', ')}.` : '';
		if (args.plan) {
			const plan = powerPlan(Math.min(task.questions.length, questions ?? Number.POSITIVE_INFINITY));
			return { result: { task: task.name, ...plan, balance }, text: `${planText(task.name, plan)}${balanceLine}` };
		}
		if (balanceLine !== '') log(`eval: ${balanceLine.trim()}`);
		if (isUnscored(task)) {
			log('eval: the right answers are not public, so all count as wrong; dorsal export --to evalai submits them');
		}
		const store = await openRun(dir);
		let backend: OpenedBackend | undefined;
		let usage: OpenedBackend['usage'];
		try {
			backend = await openBackend(args, { signal, conditions });
			({ usage } = backend);
			if (args.queue !== undefined) {
				const { queueBackend } = await import('../../backends/queue.node.ts');
				backend = await queueBackend(backend, { url: args.queue, signal, onNotice: log });
			}
			const results = await evaluate({
				task,
				backend,
				conditions,
				settings,
				store,
				seed,
				signal,
				onProgress: ({ done, total }) => progress.update('answers', done, total),
				...(questions !== undefined && { limit: questions }),
			});
			const official = isUnscored(task) ? null : await officialScore(args, all('data'), dir, conditions);
			return {
				result: official ? { ...results, score: official } : results,
				text: [resultsText(results), ...(official ? [scoreText(official)] : [])].join('\n\n'),
			};
		} finally {
			// What was used was used, also where the run failed or was stopped.
			const used = args.queue === undefined ? usage?.() : undefined;
			if (used && used.requests + used.retries > 0) log(usageText(used));
			await store.close();
			await backend?.close();
		}
	},
});

/** How often each answer of a closed task is right, as its facts count them; empty where answers are open. */
function answerBalance({ facts }: Task): Record<string, number> {
	const named = Object.entries(facts).filter(([name]) => name.startsWith('answers: '));
	return Object.fromEntries(named.map(([name, many]) => [name.slice('answers: '.length), Number(many)]));
}

/** What `dorsal score` says of the intact answers to a standard benchmark; null where they are not its own questions. */
async function officialScore(
	{ task, variants }: { task: string; variants?: string | undefined },
	data: readonly string[],
	run: string,
	conditions: readonly Condition[],
): Promise<ScoreResult | null> {
	const known = benchmarks.find(({ name, aliases }) => name === task || aliases.includes(task));
	if (!known || variants !== undefined || !conditions.some(({ name }) => name === 'intact')) return null;
	return scoreFiles({ task: known.name, data, answers: run, partial: true });
}

/** What a server was asked for; its currency is its own. */
function usageText({ requests, retries, promptTokens, completionTokens, cost }: RemoteUsage): string {
	const parts = [
		`${plural(requests, 'request')} answered`,
		...(retries > 0 ? [`${count(retries)} tried again`] : []),
		`${count(promptTokens)} + ${count(completionTokens)} tokens`,
		...(cost === null ? [] : [`cost ${cost.toFixed(4)}`]),
	];
	return `eval: ${parts.join(', ')}`;
}
