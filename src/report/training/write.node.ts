import { basename, resolve } from 'node:path';
import { folderStore } from '../../checkpoint/files.node.ts';
import { type WrittenReport, writePage } from '../write.node.ts';
import { readTrainingRun, type TrainingRun } from './inputs.ts';
import { renderTraining, type TrainingPage } from './page.ts';

export interface WriteTrainingOptions extends Omit<TrainingPage, 'runs'> {
	/** Folders of runs of training, finished or under way. */
	runs: readonly string[];
	/** The HTML file to write; `figures/` is made beside it. */
	out: string;
}

/** Writes the page of runs of training from their metrics, and its figures as SVG and CSV. */
export async function writeTrainingReport({
	runs: folders,
	out,
	...page
}: WriteTrainingOptions): Promise<Omit<WrittenReport, 'verdicts'>> {
	const runs: TrainingRun[] = [];
	const names = folders.map((folder) => basename(resolve(folder)));
	for (const [i, folder] of folders.entries()) {
		const isAlone = names.indexOf(names[i]!) === names.lastIndexOf(names[i]!);
		const store = folderStore(folder);
		try {
			runs.push(await readTrainingRun(store, { name: isAlone ? names[i]! : folder }));
		} finally {
			await store.close();
		}
	}
	return writePage(out, renderTraining({ ...page, runs }));
}
