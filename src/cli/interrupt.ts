/** Signals that ask a command to stop, by the exit status that shells expect (128 + the signal's number). */
const STOPPING = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs `work` with a signal that the first Ctrl-C (or SIGTERM) aborts, so that what is known can be kept; a second
 * one ends the process at once. `resume` says how to go on later.
 */
export async function interruptible(resume: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
	const controller = new AbortController();
	const { signal } = controller;
	let exitCode = 0;
	const stop = (name: NodeJS.Signals) => {
		if (signal.aborted) process.exit(exitCode);
		exitCode = STOPPING[name as keyof typeof STOPPING];
		console.error('\nstopping: what is known so far is being kept; once more stops at once');
		controller.abort(new DOMException('stopped on request', 'AbortError'));
	};
	for (const name of Object.keys(STOPPING)) process.on(name, stop);
	try {
		await work(signal);
	} catch (error) {
		// Only the abort itself counts as a stop: a full disk met while stopping is still told as that.
		if (!signal.aborted || error !== signal.reason) throw error;
		console.error(`stopped; ${resume}`);
		process.exitCode = exitCode;
	} finally {
		for (const name of Object.keys(STOPPING)) process.off(name, stop);
	}
}
