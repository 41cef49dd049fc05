import type { Command } from './command.ts';

export interface Entry {
	summary: string;
	/** Loaded only when the command is called. */
	load: () => Promise<Command>;
}

/** Every command by its name of one or two words. */
export const commands: Readonly<Record<string, Entry>> = {
	ask: {
		summary: 'one question about one image',
		load: async () => (await import('./commands/ask.ts')).ask,
	},
	compare: {
		summary: 'what differs between two runs, with a paired test on the shared questions',
		load: async () => (await import('./commands/compare.ts')).compare,
	},
};
