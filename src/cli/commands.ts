import type { Command } from './command.ts';

export interface Entry {
	/** One line, for `dorsal --help`. */
	summary: string;
	/** Loaded only when the command is called. */
	load: () => Promise<Command>;
}

/** Every command by its name of one or two words. */
export const commands: Readonly<Record<string, Entry>> = {
	study: {
		summary: 'everything in the paper, on the shipped models or yours, into one report',
		load: async () => (await import('./commands/study.ts')).study,
	},
	ask: {
		summary: 'one question about one image',
		load: async () => (await import('./commands/ask.ts')).ask,
	},
	'bench 2ds': {
		summary: 'write the 2DS benchmark: images, questions, answers',
		load: async () => (await import('./commands/bench-2ds.ts')).bench2ds,
	},
	eval: {
		summary: 'answer and score a task under chosen conditions',
		load: async () => (await import('./commands/eval.ts')).evaluateTask,
	},
	score: {
		summary: 'score answers made elsewhere, exactly as the official scorer does',
		load: async () => (await import('./commands/score.ts')).score,
	},
	train: {
		summary: 'train a model from a recipe, with or without what the paper changes',
		load: async () => (await import('./commands/train.ts')).train,
	},
	compare: {
		summary: 'what differs between two runs, with a paired test on the shared questions',
		load: async () => (await import('./commands/compare.ts')).compare,
	},
	'probe permutation': {
		summary: "which part of the vision tokens' order the answers rest on",
		load: async () => (await import('./commands/probe-permutation.ts')).permutation,
	},
	'probe compression': {
		summary: 'accuracy with fewer vision tokens',
		load: async () => (await import('./commands/probe-compression.ts')).compression,
	},
	'probe interventions': {
		summary: 'accuracy with vision tokens or attention changed at inference',
		load: async () => (await import('./commands/probe-interventions.ts')).interventions,
	},
	'probe norms': {
		summary: 'norms of vision tokens against those of text embeddings',
		load: async () => (await import('./commands/probe-norms.ts')).norms,
	},
	'probe rope': {
		summary: 'sensitivity of attention to the position of the vision tokens',
		load: async () => (await import('./commands/probe-rope.ts')).rope,
	},
	'probe attention': {
		summary: 'where the model looks as it answers: entropy, and maps',
		load: async () => (await import('./commands/probe-attention.ts')).attention,
	},
	'probe balance': {
		summary: 'attention on the image against attention on the text',
		load: async () => (await import('./commands/probe-balance.ts')).balance,
	},
	'probe linear': {
		summary: 'where in the network "where" and "what" can be read off',
		load: async () => (await import('./commands/probe-linear.ts')).linear,
	},
	worker: {
		summary: 'answer questions for dorsal eval --queue',
		load: async () => (await import('./commands/worker.ts')).worker,
	},
	serve: {
		summary: 'a model behind an OpenAI-compatible server',
		load: async () => (await import('./commands/serve.ts')).serve,
	},
	export: {
		summary: "a run's answers in the forms of lmms-eval, LLaVA and EvalAI",
		load: async () => (await import('./commands/export.ts')).exportAnswers,
	},
	report: {
		summary: 'one HTML page from stored runs',
		load: async () => (await import('./commands/report.ts')).report,
	},
};
