import { UsageError } from '../base/errors.ts';
import { FORMS, type Form } from '../bench2ds/bench.ts';
import { PLACEMENTS, type Placement } from '../bench2ds/scene.ts';
import { openTwoDs } from '../tasks/2ds.node.ts';
import { twoDsTask, ventralTask } from '../tasks/2ds.ts';
import { benchmarks } from '../tasks/score.ts';
import { openTask } from '../tasks/score-files.node.ts';
import type { Task } from '../tasks/task.ts';
import { given } from './options.ts';
import { suggestion } from './suggest.ts';

/** What a user says about the questions to be asked. */
export interface TaskChoice {
	name: string;
	/** The benchmark's files; empty for 2DS as it is generated here. */
	data: readonly string[];
	images?: string;
	prompt?: string;
	form?: Form;
	quads?: boolean;
	placement?: Placement;
	/** Whether the questions are to be asked, for which a benchmark's images must be there. Default true. */
	asked?: boolean;
	seed: number;
}

export const taskNames = ['2ds', '2ds-ventral', ...benchmarks.map(({ name }) => name)];

/** The task of a name: 2DS and its twin, generated or from a written benchmark, or a standard one from its files. */
export async function chooseTask(choice: TaskChoice): Promise<Task> {
	const { name, data, images, prompt, form, quads, placement, seed, asked = true } = choice;
	const ours = given({ form, quads: quads || undefined, placement });
	const generated = { '2ds': twoDsTask, '2ds-ventral': ventralTask }[name];
	if (generated) {
		const [file, extra] = data;
		const unused = Object.keys({ ...given({ images, prompt }), ...(file !== undefined && ours) });
		if (unused.length > 0) {
			const reason = file === undefined ? 'is not for 2DS' : 'is fixed in the benchmark that --data names';
			throw new UsageError(`--${unused[0]}: ${reason}; leave it out`, { code: 'option-conflict' });
		}
		if (extra !== undefined)
			throw new UsageError(`--data ${extra}: 2DS is one file or folder`, { code: 'option-twice' });
		if (file !== undefined) return openTwoDs(file, { twin: name === '2ds-ventral' });
		return generated({ seed, ...ours });
	}
	const known = benchmarks.find((each) => each.name === name || each.aliases.includes(name));
	if (!known) {
		const near = suggestion(name, taskNames) || `; there are ${taskNames.join(', ')}`;
		throw new UsageError(`unknown task ${JSON.stringify(name)}${near}`, { code: 'task' });
	}
	if (data.length === 0) {
		throw new UsageError(`--data is missing: ${name} is read from its own files; give the file or folder`, {
			code: 'option-missing',
		});
	}
	const [stray] = Object.keys(ours);
	if (stray !== undefined) {
		throw new UsageError(`--${stray}: is for 2DS only; leave it out`, { code: 'option-conflict' });
	}
	return openTask(known.name, { data, asked, ...given({ images, prompt }) });
}

/** `--form`, without a default: a written benchmark has its own. */
export const formOf = (text: string | undefined): { form?: Form } => {
	const form = FORMS.find((known) => known === text);
	return form ? { form } : {};
};

/** `--placement`, likewise. */
export const placementOf = (text: string | undefined): { placement?: Placement } => {
	const placement = PLACEMENTS.find((known) => known === text);
	return placement ? { placement } : {};
};
