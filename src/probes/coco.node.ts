import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, UsageError } from '../base/errors.ts';
import { parseJson, show, validate } from '../base/json.ts';
import { type ProbeData, type ProbeItem, spread } from './data.ts';

/** Where a folder may have its captions and its images, in order; the latter two as COCO's own archives unpack. */
const CAPTIONS = ['captions.json', 'annotations/captions_val2017.json', 'annotations/captions_train2017.json'];
const IMAGES = ['images', 'val2017', 'train2017', '.'];

/** The largest of COCO's own caption files has 91 MB. */
const MAX_BYTES = 256e6;

const id = z.union([z.int(), z.string()]);
const schema = z.looseObject({
	images: z.array(z.looseObject({ id, file_name: z.string().min(1) })).min(1),
	annotations: z.array(z.looseObject({ image_id: id, caption: z.string() })),
});

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

export interface CocoOptions {
	/** At most so many images, from all over the file's order. Default all. */
	limit?: number;
	/** What is asked about every image. Default `Describe the image.` */
	question?: string;
}

/**
 * A folder of photos with captions in COCO's format: `captions.json` (`images` with `id` and `file_name`, `annotations`
 * with `image_id` and `caption`) beside `images/`, or COCO's own `annotations/` beside `val2017/`. Photos are read one by
 * one as they are needed.
 */
export async function cocoData(
	folder: string,
	{ limit = Number.POSITIVE_INFINITY, question = 'Describe the image.' }: CocoOptions = {},
): Promise<ProbeData> {
	if (!isFolder(folder)) {
		throw new UsageError(`${folder}: no such folder; give one with images and captions.json`, { code: 'no-folder' });
	}
	const name = CAPTIONS.find((file) => isFile(join(folder, file)));
	if (name === undefined) {
		throw new UsageError(
			`${folder}: no captions.json there; vision tokens are compared with the words of captions in COCO's format`,
			{ code: 'no-captions' },
		);
	}
	const file = join(folder, name);
	const { size } = statSync(file);
	if (size > MAX_BYTES) {
		throw new InputError(`${file}: ${size} bytes, more than ${MAX_BYTES}; are these captions?`, { code: 'captions' });
	}
	const { images, annotations } = validate(schema, parseJson(await readFile(file), file), {
		where: file,
		code: 'captions',
	});
	const captions = new Map<string, string[]>();
	for (const { image_id, caption } of annotations) {
		const list = captions.get(String(image_id)) ?? [];
		list.push(caption);
		captions.set(String(image_id), list);
	}
	const photos = join(folder, IMAGES.find((place) => isFolder(join(folder, place)))!);
	const items = spread(images, limit).map(({ id, file_name }, i): ProbeItem => {
		if (/^[\\/]|(^|[\\/])\.\.([\\/]|$)|\0/.test(file_name)) {
			throw new InputError(
				`${file}: images[${i}].file_name: expected a path inside the folder, got ${show(file_name)}`,
				{
					code: 'captions',
				},
			);
		}
		const path = join(photos, file_name);
		return { id: file_name, image: () => readPhoto(path), question, captions: captions.get(String(id)) ?? [] };
	});
	return { name: `${folder}, ${items.length} images and their captions`, items };
}

function readPhoto(path: string): Promise<Uint8Array> {
	if (isFile(path)) return readFile(path);
	throw new InputError(`${path}: no such image, but captions.json names it; is the folder complete?`, {
		code: 'missing-image',
	});
}
