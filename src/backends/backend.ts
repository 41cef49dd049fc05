import type { VisionPath } from '../checkpoint/vision-path.ts';
import type { RgbImage } from '../image/image.ts';
import type { AttentionScaling } from '../vlm/attention-scaling.ts';
import type { TokenSelection } from '../vlm/selection.ts';
import type { Box, PixelControl } from './pixel-controls.ts';

/** What is put in place of the plain run. `intact` is the plain run: own image, no change to the vision path or attention. */
export interface Condition {
	/** As given on the command line and shown in tables: `intact`, `permuted`, `pool:4`, `text-only`. */
	name: string;
	/** Which image the model sees: the question's own, another scene's, or none at all. */
	image: 'own' | 'wrong' | 'none';
	/** Changes to the model's own vision path; only the named parts are replaced. */
	path: Partial<VisionPath>;
	/** A change to the image's pixels before the model sees them; absent for none. */
	pixels?: PixelControl;
	/** Keeps some of the vision tokens that the path gives; absent keeps all. */
	select?: TokenSelection;
	/** Changes the attention that the prompt's last token pays to the image; absent leaves it. */
	attention?: AttentionScaling;
	/** Number of the draw for conditions that are random (0, 1, 2 for three seeds); 0 otherwise. */
	draw: number;
}

export interface GenerationSettings {
	/** Default 32. */
	maxNewTokens: number;
	/** 0 is greedy, the default. */
	temperature: number;
	/** Seed of the sampler; without effect when greedy. */
	seed: number;
}

export interface Ask {
	/** Index into the images given to `prepare`. */
	image: number;
	prompt: string;
	/** What the question is about, for `pixels: { kind: 'crop' }`. */
	box?: Box;
	/** Names the question for the sampler's stream, so that batching never changes an answer. */
	id: string;
}

/** Everything about the answering side that determines a result; goes into the manifest whole. */
export interface BackendFacts {
	kind: 'native' | 'exported' | 'remote';
	/** Folder or URL, for people; the hash identifies. */
	model: string;
	/** sha256 over configuration, tokenizer and weights, hex; null where the backend cannot know. */
	modelHash: string | null;
	/** sha256 over the bytes of the ONNX graphs, hex; null where there are none. */
	graphHash: string | null;
	/** The chat template's text, or the remote protocol's name. */
	promptTemplate: string;
	/** The model's own vision path; null where tokens cannot be reached. */
	visionPath: VisionPath | null;
	/** Name and version of each engine: `{ onnxruntime: '1.30.0', provider: 'cpu' }`. */
	versions: Record<string, string>;
}

/** Some images made ready once, to be asked about under any number of conditions. */
export interface PreparedImages {
	/**
	 * Raw answers, in the order of `asks`. Under `image: 'wrong'` the question about image i is asked of image
	 * (i + ⌊n/2⌋) mod n of the n prepared ones, which therefore must be at least two.
	 */
	answer(condition: Condition, asks: readonly Ask[], settings: GenerationSettings): Promise<string[]>;
	/** Frees what `prepare` holds. */
	release(): void;
}

/** Anything that answers questions about images. */
export interface Backend {
	facts: BackendFacts;
	/**
	 * Questions that the backend wants to have at hand beyond the oldest piece under way, so that it is never idle. The
	 * runner records the answers in order all the same. Default 0: one piece at a time.
	 */
	lookAhead?: number;
	/**
	 * Whether an answer is the same whatever else is asked with it. Then each question is a piece of its own, recorded as
	 * soon as all before it are. Default false.
	 */
	asksOneByOne?: boolean;
	/** Why this backend cannot carry out a condition, in one sentence; null if it can. */
	cannot(condition: Condition): string | null;
	/** Decodes and encodes images: PNG, JPEG or WebP bytes, or pixels. Images are numbered as given. */
	prepare(images: readonly (Uint8Array | RgbImage)[]): Promise<PreparedImages>;
	close(): Promise<void>;
}
