import type { SingleBar } from 'cli-progress';

/** Shows how far long work has come, on standard error. */
export interface Progress {
	/** `done` of the total; `total` may be given again where it was not known at the start. */
	update(done: number, total?: number): void;
	stop(): void;
}

export interface ProgressOptions {
	stream?: NodeJS.WriteStream;
	/** Milliseconds between lines where the stream is not a terminal. Default 5,000. */
	every?: number;
	/** Clock in milliseconds. */
	now?: () => number;
}

/** `1:05`, `2:03:20` */
export function clock(seconds: number): string {
	const total = Math.max(0, Math.round(seconds));
	const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
	const two = (n: number) => String(n).padStart(2, '0');
	return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(total % 60)}`;
}

/** Rate since the start and time left. Work that was there already (a resumed run) does not count towards the rate. */
export function pace(done: number, total: number, before: number, seconds: number): { rate: string; left: string } {
	const perSecond = (done - before) / seconds;
	if (done <= before || seconds <= 0) return { rate: '…/s', left: '…' };
	const rate = perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toPrecision(2);
	return { rate: `${rate}/s`, left: clock((total - done) / perSecond) };
}

/** A bar on a terminal; elsewhere plain lines: one at once, then one every few seconds, and one at the end. */
export async function startProgress(
	label: string,
	total: number,
	{ stream = process.stderr, every = 5000, now = performance.now.bind(performance) }: ProgressOptions = {},
): Promise<Progress> {
	const start = now();
	let before: number | undefined;
	const state = { done: 0, total };
	const advance = (done: number, newTotal?: number) => {
		before ??= done;
		state.done = done;
		if (newTotal !== undefined) state.total = newTotal;
		return pace(done, state.total, before, (now() - start) / 1000);
	};

	if (stream.isTTY) {
		const bar = await terminalBar(label, stream);
		bar.start(total, 0, { rate: '…/s', left: '…' });
		return {
			update(done, newTotal) {
				const payload = advance(done, newTotal);
				if (newTotal !== undefined) bar.setTotal(newTotal);
				bar.update(done, payload);
			},
			stop: () => bar.stop(),
		};
	}

	let printed = now();
	let printedDone = -1;
	const print = (tail: string) => {
		printed = now();
		printedDone = state.done;
		stream.write(`${label}: ${state.done}/${state.total}${tail}\n`);
	};
	return {
		update(done, newTotal) {
			const { rate, left } = advance(done, newTotal);
			if (printedDone < 0 || now() - printed >= every) print(before === done ? '' : `, ${rate}, ${left} left`);
		},
		stop() {
			if (printedDone !== state.done) print(`, ${clock((now() - start) / 1000)} in all`);
		},
	};
}

async function terminalBar(label: string, stream: NodeJS.WriteStream): Promise<SingleBar> {
	// Loaded only where a bar is drawn: it would cost every other start 20 ms.
	const { default: cliProgress } = await import('cli-progress');
	return new cliProgress.SingleBar({
		stream,
		format: `${label} {bar} {value}/{total} | {rate} | {left} left`,
		hideCursor: true,
		clearOnComplete: false,
		etaBuffer: 1,
	});
}
