import type { SingleBar } from 'cli-progress';

/** Shows how far long work has come, on standard error. */
export interface Progress {
	/** `done` of `total` under a label; another label closes the one before and begins anew. `note` stands at the end. */
	update(label: string, done: number, total: number, note?: string): void;
	/** Closes what was begun. */
	stop(): void;
}

export interface ProgressOptions {
	stream?: NodeJS.WriteStream;
	/** Milliseconds between lines where the stream is not a terminal. Default 5,000. */
	every?: number;
	/** Clock in milliseconds. */
	now?: () => number;
}

/** One label's work: how it began and how far it is. */
interface Part {
	label: string;
	start: number;
	/** What was there when it began, so that a resumed run does not feign a rate. */
	before: number;
	done: number;
	total: number;
	note: string;
}

/** `1:05`, `2:03:20` */
export function clock(seconds: number): string {
	const total = Math.max(0, Math.round(seconds));
	const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
	const two = (n: number) => String(n).padStart(2, '0');
	return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(total % 60)}`;
}

/** Rate since the start and time left; work that was there before does not count towards the rate. */
export function pace(
	{ start, before, done, total }: Omit<Part, 'label' | 'note'>,
	now: number,
): { rate: string; left: string } {
	const perSecond = ((done - before) / (now - start)) * 1000;
	if (!(perSecond > 0) || perSecond === Number.POSITIVE_INFINITY) return { rate: '…/s', left: '…' };
	const rate = perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toPrecision(2);
	return { rate: `${rate}/s`, left: clock((total - done) / perSecond) };
}

/** A bar on a terminal; elsewhere plain lines: one at once, then one every few seconds, and one at the end. */
export async function createProgress({
	stream = process.stderr,
	every = 5000,
	now = performance.now.bind(performance),
}: ProgressOptions = {}): Promise<Progress> {
	const view = stream.isTTY ? await bars(stream, now) : lines(stream, now, every);
	let part: Part | undefined;
	return {
		update(label, done, total, note = '') {
			if (part?.label !== label) {
				if (part) view.close(part);
				part = { label, start: now(), before: done, done, total, note };
				view.open(part);
			} else {
				Object.assign(part, { done, total, note });
				view.show(part);
			}
		},
		stop() {
			if (part) view.close(part);
			part = undefined;
		},
	};
}

/** How parts are drawn, one at a time. */
interface View {
	open(part: Part): void;
	show(part: Part): void;
	close(part: Part): void;
}

async function bars(stream: NodeJS.WriteStream, now: () => number): Promise<View> {
	// Loaded only where a bar is drawn: it would cost every other start 20 ms.
	const { default: cliProgress } = await import('cli-progress');
	let bar: SingleBar;
	return {
		open(part) {
			const format = '{label} {bar} {value}/{total} | {rate} | {left} left{tail}';
			bar = new cliProgress.SingleBar({ stream, format, hideCursor: true });
			bar.start(part.total, part.done, { label: part.label, tail: '', ...pace(part, now()) });
		},
		show(part) {
			bar.setTotal(part.total);
			bar.update(part.done, { tail: part.note && ` | ${part.note}`, ...pace(part, now()) });
		},
		close: () => bar.stop(),
	};
}

function lines(stream: NodeJS.WriteStream, now: () => number, every: number): View {
	let printed = { at: 0, done: -1 };
	const print = ({ label, done, total }: Part, tail: string) => {
		printed = { at: now(), done };
		stream.write(`${label}: ${done}/${total}${tail}\n`);
	};
	return {
		open: (part) => print(part, ''),
		show(part) {
			if (now() - printed.at < every) return;
			const { rate, left } = pace(part, now());
			print(part, `, ${rate}, ${left} left${part.note && `, ${part.note}`}`);
		},
		close(part) {
			if (printed.done !== part.done) print(part, `, ${clock((now() - part.start) / 1000)} in all`);
		},
	};
}
