import type { RgbImage } from '../image/image.ts';
import type { Ask, Backend, PreparedImages } from './backend.ts';
import { type Box, controlPixels, type PixelControl } from './pixel-controls.ts';

export type DecodeImage = (bytes: Uint8Array) => Promise<RgbImage>;

/** Images as a control makes them, and the questions about them, numbered anew. */
interface Views {
	sources: { image: number; box?: Box | undefined }[];
	asks: readonly Ask[];
}

/** One view an image; under `crop` one a box, for two questions about one image may be about different things in it. */
function viewsOf({ kind }: PixelControl, asks: readonly Ask[], images: number): Views {
	if (kind !== 'crop') return { sources: Array.from({ length: images }, (_, image) => ({ image })), asks };
	const sources = new Map<string, { image: number; box: Box | undefined; view: number }>();
	const numbered = asks.map((ask) => {
		const key = JSON.stringify([ask.image, ask.box]);
		const source = sources.get(key) ?? { image: ask.image, box: ask.box, view: sources.size };
		sources.set(key, source);
		return { ...ask, image: source.view };
	});
	return { sources: [...sources.values()], asks: numbered };
}

/** Lets a backend that knows nothing of pixel controls carry them out: it is given the changed images instead. */
export function withPixelControls(backend: Backend, decode: DecodeImage): Backend {
	return {
		...backend,
		cannot(condition) {
			const { pixels, image, ...rest } = condition;
			if (pixels && image === 'none') return 'without an image there are no pixels to change';
			if (pixels?.kind === 'crop' && image === 'wrong') return "the box belongs to the question's own image";
			return backend.cannot(pixels ? { image, ...rest } : condition);
		},
		async prepare(images) {
			const plain = await backend.prepare(images);
			const held = [plain];
			const decoded = new Map<number, Promise<RgbImage>>();
			const changed = new Map<string, Promise<PreparedImages>>();
			const decodedImage = async (i: number) => {
				const image = images[i]!;
				if (!(image instanceof Uint8Array)) return image;
				if (!decoded.has(i)) decoded.set(i, decode(image));
				return decoded.get(i)!;
			};
			const prepareChanged = async (control: PixelControl, sources: Views['sources']) => {
				const views: RgbImage[] = [];
				for (const { image, box } of sources) views.push(controlPixels(await decodedImage(image), control, box));
				const prepared = await backend.prepare(views);
				held.push(prepared);
				return prepared;
			};
			return {
				async answer({ pixels, ...condition }, asks, settings) {
					if (!pixels) return plain.answer(condition, asks, settings);
					const views = viewsOf(pixels, asks, images.length);
					const key = JSON.stringify([pixels, views.sources]);
					if (!changed.has(key)) changed.set(key, prepareChanged(pixels, views.sources));
					return (await changed.get(key)!).answer(condition, views.asks, settings);
				},
				release() {
					for (const prepared of held.splice(0)) prepared.release();
				},
			};
		},
	};
}
