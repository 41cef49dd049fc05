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
	serve: {
		summary: 'a model behind an OpenAI-compatible server',
		load: async () => (await import('./commands/serve.ts')).serve,
	},
	report: {
		summary: 'one HTML page from stored runs',
		load: async () => (await import('./commands/report.ts')).report,
	},
};
