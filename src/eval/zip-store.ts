import { InputError, UsageError } from '../base/errors.ts';
import { type ZipEntry, type ZipSource, zipBytes, zipEntries, zipFile } from '../base/zip.ts';
import type { RunStore } from './store.ts';

/** Largest manifest.json, results.json or image that is read, as of a folder. */
const MAX_FILE_BYTES = 256 * 2 ** 20;

/** What macOS adds to an archive: a double of each file, with its attributes. */
const MACOS = '__MACOSX/';

/** The path before `manifest.json`: nothing, or the run's folder. */
function rootOf(entries: readonly ZipEntry[], where: string): string {
	const roots = entries
		.map(({ name }) => name)
		.filter((name) => !name.startsWith(MACOS) && (name === 'manifest.json' || name.endsWith('/manifest.json')))
		.map((name) => name.slice(0, -'manifest.json'.length));
	const [root, second] = roots;
	if (root === undefined) throw new UsageError(`${where}: holds no run; zip the folder of one`, { code: 'no-run' });
	if (second !== undefined) {
		throw new InputError(`${where}: holds ${roots.length} runs; zip the folder of one, or unpack it`, { code: 'zip' });
	}
	return root;
}

/** The zipped folder of a run, to be read: its files stand at the top of the archive or in one folder, however deep. */
export async function zipStore(source: ZipSource): Promise<RunStore> {
	const entries = await zipEntries(source);
	const root = rootOf(entries, source.name);
	const files = new Map(entries.map((entry) => [entry.name, entry]));
	const refuse = async () => {
		throw new UsageError(`${source.name}: a zipped run is only read; unpack it to go on with it`, { code: 'zip' });
	};
	return {
		location: source.name,
		async read(name) {
			const entry = files.get(root + name);
			return entry ? zipFile(source, entry, { limit: MAX_FILE_BYTES }) : null;
		},
		async *recordBytes() {
			const entry = files.get(`${root}records.jsonl`);
			if (entry) yield* zipBytes(source, entry);
		},
		write: refuse,
		append: refuse,
		sync: async () => {},
		close: async () => {},
	};
}
