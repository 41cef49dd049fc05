import type { Command } from './command.ts';

export interface Entry {
	summary: string;
	/** Loaded only when the command is called. */
	load: () => Promise<Command>;
}

/** Every command by its name of one or two words. */
export const commands: Readonly<Record<string, Entry>> = {};
