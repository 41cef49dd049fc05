import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonFile, type Run, recordLines } from '../../src/eval/store.ts';

/** Writes a synthetic run to a folder, as `openRun` and `evaluate` would. */
export async function storeRun(run: Run, folder: string): Promise<string> {
	await mkdir(join(folder, 'gallery'), { recursive: true });
	await writeFile(join(folder, 'manifest.json'), jsonFile(run.manifest));
	await writeFile(join(folder, 'results.json'), jsonFile(run.results));
	const records = [];
	for await (const record of run.records()) records.push(record);
	await writeFile(join(folder, 'records.jsonl'), recordLines(records));
	for (const [i, id] of run.manifest.gallery.entries()) {
		const bytes = await run.image(id);
		if (bytes) await writeFile(join(folder, 'gallery', `0${i}.png`), bytes);
	}
	return folder;
}
